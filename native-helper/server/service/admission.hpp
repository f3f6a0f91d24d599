#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <map>

namespace culvert::server {

/// How many processes each user, and all of them, may have the service start, and how often. A process is first one
/// that reads what its visitor wants, and then, if that is a helper, the helper.
class Admission {
 public:
  using Clock = std::chrono::steady_clock;

  struct Limits {
    std::size_t ofUser = 16;
    std::size_t ofAll = 256;
    /// So many at once, and then one for each `interval`.
    int burst = 20;
    std::chrono::milliseconds interval{500};
    /// Users whose visits are counted.
    std::size_t users = 1024;
  };

  enum class Verdict { enter, tooMany, busy };

  explicit Admission(Limits limits) : limits_(limits) {}
  Admission() : Admission(Limits{}) {}

  /// A visitor has come. Counts the visit, unless there is no room.
  [[nodiscard]] Verdict judge(uid_t user, Clock::time_point now);
  void started(pid_t process, uid_t user);
  void ended(pid_t process);

 private:
  struct Visits {
    double left;
    Clock::time_point at;
  };

  [[nodiscard]] bool mayVisit(uid_t user, Clock::time_point now);
  void forgetRested(Clock::time_point now);
  [[nodiscard]] double leftAt(const Visits& visits, Clock::time_point now) const;

  Limits limits_;
  std::map<pid_t, uid_t> processes_;
  std::map<uid_t, std::size_t> running_;
  std::map<uid_t, Visits> visits_;
};

}  // namespace culvert::server
