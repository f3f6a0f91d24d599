#pragma once

#include <mutex>
#include <shared_mutex>

namespace culvert::datapath {

/// A reader-writer lock (`SharedLockable`) that starves no writer: who wants to write closes the gate, and waits only
/// for those who are inside. std::shared_mutex alone lets readers overtake for as long as one of them is inside.
class Turnstile {
 public:
  void lock() {
    gate_.lock();
    inside_.lock();
  }
  void unlock() {
    inside_.unlock();
    gate_.unlock();
  }
  void lock_shared() {
    const std::lock_guard passing(gate_);
    inside_.lock_shared();
  }
  void unlock_shared() { inside_.unlock_shared(); }

 private:
  std::mutex gate_;
  std::shared_mutex inside_;
};

}  // namespace culvert::datapath
