#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <variant>

#include "contract/service_messages.hpp"
#include "contract/strict_object.hpp"

// What anybody on the machine may say to the service. Any end of it but MalformedMessage is a finding, and so is a name
// that could be a path.

using namespace culvert;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto request = contract::service::parseRequest({reinterpret_cast<const char*>(data), size});
    if (const auto* open = std::get_if<contract::service::Open>(&request)) {
      if (open->name.empty() || open->name.find_first_of("/.") != std::string::npos) std::abort();
    }
  } catch (const contract::MalformedMessage& malformed) {
    const std::string answer = writeRefused(contract::service::Refusal::request, malformed.what());
    if (answer.find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
