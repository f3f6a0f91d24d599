#include <cstdio>
#include <cstdlib>
#include <variant>

#include "server/arguments.hpp"
#include "server/installation/installation.hpp"
#include "server/service/service.hpp"
#include "server/warden/warden.hpp"

namespace {

using namespace culvert::server;

constexpr int exitUsage = 2;

struct Run {
  int operator()(const ServeArguments& arguments) const { return serve(arguments); }
  int operator()(const RestoreArguments& arguments) const { return restore(arguments); }
  int operator()(const ServiceArguments& arguments) const { return runService(arguments); }
  int operator()(const EndArguments& arguments) const { return endHelpers(arguments); }
  int operator()(const InstallArguments&) const { return install(); }
  int operator()(const RetireArguments&) const { return retire(); }
  int operator()(const UninstallArguments&) const { return uninstall(); }
  int operator()(const HelpWanted&) const {
    std::fputs(helpText(), stdout);
    return EXIT_SUCCESS;
  }
  int operator()(const UsageError& error) const {
    std::fprintf(stderr, "culvert-helper: %s\nculvert-helper --help says more.\n", error.message.c_str());
    return exitUsage;
  }
};

}  // namespace

int main(int count, char** values) {
  return std::visit(Run{}, parseArguments(count, values));
}
