#include "server/service/admission.hpp"

#include <algorithm>

namespace culvert::server {

Admission::Verdict Admission::judge(uid_t user, Clock::time_point now) {
  if (!mayVisit(user, now)) return Verdict::busy;
  if (processes_.size() >= limits_.ofAll) return Verdict::busy;
  const auto running = running_.find(user);
  return running != running_.end() && running->second >= limits_.ofUser ? Verdict::tooMany : Verdict::enter;
}

void Admission::started(pid_t process, uid_t user) {
  if (processes_.emplace(process, user).second) running_[user]++;
}

void Admission::ended(pid_t process) {
  const auto found = processes_.find(process);
  if (found == processes_.end()) return;
  const auto running = running_.find(found->second);
  if (--running->second == 0) running_.erase(running);
  processes_.erase(found);
}

double Admission::leftAt(const Visits& visits, Clock::time_point now) const {
  const std::chrono::duration<double> rested = now - visits.at;
  const std::chrono::duration<double> interval = limits_.interval;
  return std::min<double>(limits_.burst, visits.left + rested / interval);
}

bool Admission::mayVisit(uid_t user, Clock::time_point now) {
  if (!visits_.contains(user) && visits_.size() >= limits_.users) {
    forgetRested(now);
    if (visits_.size() >= limits_.users) return false;
  }
  Visits& visits = visits_.try_emplace(user, Visits{static_cast<double>(limits_.burst), now}).first->second;
  visits = {leftAt(visits, now), now};
  if (visits.left < 1) return false;
  visits.left -= 1;
  return true;
}

void Admission::forgetRested(Clock::time_point now) {
  std::erase_if(visits_, [&](const auto& entry) { return leftAt(entry.second, now) >= limits_.burst; });
}

}  // namespace culvert::server
