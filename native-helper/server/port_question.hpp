#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace culvert::server {

/// The one thing that the broker may ask of the warden, over their SOCK_SEQPACKET pair: who holds a UDP port. The
/// question is the port, the answer a short text, empty where nobody is seen.
[[nodiscard]] std::string askPortHolder(int pair, std::uint16_t port);
void answerPortQuestion(int pair, const std::function<std::string(std::uint16_t)>& holderOf);

}  // namespace culvert::server
