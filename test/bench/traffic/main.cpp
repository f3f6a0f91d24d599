#include <csignal>
#include <variant>

#include "modes.hpp"

int main(int count, char** values) {
  std::signal(SIGPIPE, SIG_IGN);
  std::visit([](const auto& mode) { traffic::run(mode); }, traffic::parseArguments(count, values));
  return 0;
}
