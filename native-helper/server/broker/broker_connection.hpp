#pragma once

#include <string>
#include <string_view>

#include "contract/framing.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

/// The control plane's connection to the broker: requests in, answers out, one at a time.
class BrokerConnection {
 public:
  explicit BrokerConnection(platform::Descriptor socket) : socket_(std::move(socket)) {}

  [[nodiscard]] int descriptor() const noexcept { return socket_.get(); }
  /// Reads what has come. False at its end, or when it broke.
  [[nodiscard]] bool receive() noexcept;
  /// The next whole message's JSON, valid until the next call. `malformed` is final; so is an attachment: none is due
  /// here.
  [[nodiscard]] contract::FrameStatus next(std::string_view& json) noexcept;
  /// False when it could not be sent whole within two seconds.
  [[nodiscard]] bool send(const std::string& json);

 private:
  platform::Descriptor socket_;
  contract::FrameReader reader_;
};

}  // namespace culvert::server
