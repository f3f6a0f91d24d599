#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "platform/descriptor.hpp"
#include "platform/platform.hpp"

/// The undo journal: one file for each run in the state folder, `<run>.journal`, one JSON object a line.
///
///     {"journal":1,"run":…,"bootId":…,"networkNamespace":…,"warden":…}   first
///     {"will":1,"before":…,"after":…}                         on the disk before the operation starts
///     {"done":1}                                              it took effect
///     {"failed":1}                                            it had no effect
///     {"restored":true}                                       nothing of ours is left
///
/// Its file lock is held for as long as one of the run's privileged processes lives.
namespace culvert::netplan {

/// Where a run happened. Kernel state does not outlive a boot, and cannot be reached from another network namespace.
struct Machine {
  std::string bootId;
  std::string networkNamespace;

  bool operator==(const Machine&) const = default;
};

struct JournalContent {
  platform::RunId run;
  Machine machine;
  /// The process to ask for the run's end, as long as the run lives; 0: not told.
  pid_t warden = 0;
  /// What may be in force, in the order in which it was put in force.
  std::vector<platform::Setting> settings;
};

/// Absent when not even the first line is whole: then nothing had been done. An incomplete last line is ignored.
[[nodiscard]] std::optional<JournalContent> readJournal(std::string_view text);

class Journal {
 public:
  /// Creates the run's file and locks it. Throws Failure (system).
  [[nodiscard]] static Journal create(const std::filesystem::path& stateFolder, const platform::RunId& run,
                                      const Machine& machine);

  /// Returns once the disk has it; the operations' numbers follow each other from the returned one.
  [[nodiscard]] std::uint64_t will(std::span<const platform::Operation> operations);
  void done(std::uint64_t number);
  void failed(std::uint64_t number);
  void restored();

  [[nodiscard]] JournalContent content() const;
  /// Removes the file; what it said can still be read here.
  void remove();

 private:
  Journal(platform::Descriptor file, std::filesystem::path path) : file_(std::move(file)), path_(std::move(path)) {}
  void append(std::string_view lines);

  platform::Descriptor file_;
  std::filesystem::path path_;
  std::uint64_t next_ = 1;
};

/// A journal whose run is dead, locked by us now.
struct DeadJournal {
  platform::Descriptor file;
  std::filesystem::path path;
  std::optional<JournalContent> content;
};

[[nodiscard]] std::vector<DeadJournal> findDeadJournals(const std::filesystem::path& stateFolder);

/// Of the runs whose journals somebody holds the lock of.
[[nodiscard]] std::vector<pid_t> findLiveWardens(const std::filesystem::path& stateFolder);

}  // namespace culvert::netplan
