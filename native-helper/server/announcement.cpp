#include "server/announcement.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>

#include "contract/service_messages.hpp"
#include "platform/descriptor.hpp"

namespace culvert::server {

void announce(const std::string& line) {
  std::puts(line.c_str());
  std::fflush(stdout);
  silenceStandardOutput();
}

void announceFailure(std::string_view reason) {
  const std::string text(reason);
  std::fprintf(stderr, "culvert-helper: %s\n", text.c_str());
  announce(contract::service::writeNotReady(reason));
}

void silenceStandardOutput() {
  const platform::Descriptor nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ::dup2(nowhere.get(), STDOUT_FILENO);
}

}  // namespace culvert::server
