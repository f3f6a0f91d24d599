#pragma once

#include <filesystem>
#include <string>

#include "platform/platform.hpp"

namespace culvert::platform::linux_os {

/// /etc/resolv.conf, where no systemd-resolved is in charge of it. What we write carries the run's mark: only a file
/// that still does is restored. All of it throws Failure (dns).
///
/// resolv.conf cannot send some names here and others there. A plan with `domains` gets its own servers first and the
/// machine's after them: names below the domains resolve, and others do as long as the plan's servers know them.
class ResolvConf {
 public:
  explicit ResolvConf(const RunId& run, std::filesystem::path path = "/etc/resolv.conf");

  /// As it is now. Fails where another run of the helper has written it.
  [[nodiscard]] OriginalFile capture() const;
  void write(const Dns& dns) const;
  /// Nothing if it is not ours any more.
  void restore(const OriginalFile& original) const;
  [[nodiscard]] bool isOurs() const;

 private:
  [[nodiscard]] std::string compose(const Dns& dns) const;
  void writeContent(const std::string& content) const;
  void putInPlace() const;
  [[noreturn]] void failed(const std::string& what) const;

  std::string mark_;
  std::filesystem::path path_;
  std::filesystem::path beside_;  // what is to take its place by renaming
};

}  // namespace culvert::platform::linux_os
