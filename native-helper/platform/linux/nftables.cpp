#include "platform/linux/nftables.hpp"

namespace culvert::platform::linux_os {

std::string Nftables::run(const std::string& commands) {
  if (!context_) {
    context_.reset(nft_ctx_new(NFT_CTX_DEFAULT));
    if (!context_) return "libnftables could not be set up";
    nft_ctx_buffer_output(context_.get());
    nft_ctx_buffer_error(context_.get());
  }
  if (nft_run_cmd_from_buffer(context_.get(), commands.c_str()) == 0) {
    nft_ctx_get_output_buffer(context_.get());
    return {};
  }
  std::string message = nft_ctx_get_error_buffer(context_.get());
  message = message.substr(0, message.find('\n'));
  return message.empty() ? "nftables refused the rules" : message;
}

}  // namespace culvert::platform::linux_os
