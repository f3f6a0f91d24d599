#include "netplan/journal.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <map>
#include <nlohmann/json.hpp>
#include <system_error>

#include "contract/strict_object.hpp"
#include "netplan/setting_json.hpp"

namespace culvert::netplan {
namespace {

using namespace platform;
using nlohmann::json;

constexpr int formatVersion = 1;
constexpr std::string_view extension = ".journal";

[[noreturn]] void failed(const std::string& what) {
  throw Failure(Code::system, "the undo journal: " + what + ": " + std::generic_category().message(errno));
}

std::string readAll(int file) {
  std::string text;
  std::array<char, 65536> chunk{};
  ssize_t count = 0;
  while ((count = ::pread(file, chunk.data(), chunk.size(), static_cast<off_t>(text.size()))) > 0) {
    text.append(chunk.data(), static_cast<std::size_t>(count));
  }
  if (count < 0) failed("read");
  return text;
}

void writeAll(int file, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0 && errno != EINTR) failed("write");
    if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
  }
}

/// `visit` gets each journal there, locked for us or else by its run.
template <typename Visit>
void forEachJournal(const std::filesystem::path& stateFolder, const Visit& visit) {
  std::error_code absent;
  for (const auto& entry : std::filesystem::directory_iterator(stateFolder, absent)) {
    if (entry.path().extension() != extension) continue;
    Descriptor file(::open(entry.path().c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file) continue;
    const bool isLocked = ::flock(file.get(), LOCK_EX | LOCK_NB) != 0;
    visit(std::move(file), entry.path(), isLocked);
  }
}

std::optional<Setting> member(const json& line, const char* name) {
  return line.contains(name) ? std::optional(settingFromJson(line.at(name))) : std::nullopt;
}

/// Follows the lines; an operation whose end is not told may have happened or not.
class Reading {
 public:
  void line(const json& entry) {
    if (entry.contains("will")) {
      open_.insert_or_assign(entry.at("will").get<std::uint64_t>(),
                             Operation{member(entry, "before"), member(entry, "after")});
    } else if (entry.contains("done")) {
      const auto found = open_.extract(entry.at("done").get<std::uint64_t>());
      if (found.empty()) return;
      if (found.mapped().before) std::erase(settings_, *found.mapped().before);
      if (found.mapped().after) settings_.push_back(*found.mapped().after);
    } else if (entry.contains("failed")) {
      open_.erase(entry.at("failed").get<std::uint64_t>());
    } else if (entry.contains("restored")) {
      open_.clear();
      settings_.clear();
    }
  }

  std::vector<Setting> settings() {
    for (const auto& [number, operation] : open_) {
      if (operation.after) settings_.push_back(*operation.after);
    }
    // The variant's order is the one in which settings are put in force.
    std::ranges::stable_sort(settings_, {}, [](const Setting& setting) { return setting.index(); });
    return std::move(settings_);
  }

 private:
  std::map<std::uint64_t, Operation> open_;
  std::vector<Setting> settings_;
};

}  // namespace

std::optional<JournalContent> readJournal(std::string_view text) {
  std::optional<JournalContent> content;
  Reading reading;
  for (std::size_t end = 0; (end = text.find('\n')) != std::string_view::npos; text.remove_prefix(end + 1)) {
    const json line = json::parse(text.substr(0, end), nullptr, /*allow_exceptions=*/false);
    // A torn line in the middle cannot come from us; what the whole ones say still holds.
    if (!line.is_object()) continue;
    try {
      if (!content) {
        if (line.at("journal").get<int>() != formatVersion) return std::nullopt;
        content = JournalContent{{line.at("run").get<std::string>()},
                                 {line.at("bootId").get<std::string>(), line.at("networkNamespace").get<std::string>()},
                                 line.value("warden", pid_t{0}),
                                 {}};
      } else {
        reading.line(line);
      }
    } catch (const std::exception&) {
      if (!content) return std::nullopt;
    }
  }
  if (content) content->settings = reading.settings();
  return content;
}

Journal Journal::create(const std::filesystem::path& stateFolder, const RunId& run, const Machine& machine) {
  const auto path = stateFolder / (run.text + std::string(extension));
  Descriptor file(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  if (!file) netplan::failed("create " + path.string());
  if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) netplan::failed("lock");
  Journal journal(std::move(file), path);
  journal.append(json{{"journal", formatVersion},
                      {"run", run.text},
                      {"bootId", machine.bootId},
                      {"networkNamespace", machine.networkNamespace},
                      {"warden", ::getpid()}}
                     .dump() +
                 "\n");
  if (::fdatasync(journal.file_.get()) != 0) netplan::failed("sync");
  // The file's name must outlive a power failure too.
  const Descriptor folder(::open(stateFolder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.get()) != 0) netplan::failed("sync " + stateFolder.string());
  return journal;
}

std::uint64_t Journal::will(std::span<const Operation> operations) {
  const std::uint64_t first = next_;
  std::string lines;
  for (const Operation& operation : operations) {
    json line{{"will", next_++}};
    if (operation.before) line["before"] = toJson(*operation.before);
    if (operation.after) line["after"] = toJson(*operation.after);
    lines += line.dump() + "\n";
  }
  append(lines);
  if (::fdatasync(file_.get()) != 0) netplan::failed("sync");
  return first;
}

void Journal::done(std::uint64_t number) {
  append(json{{"done", number}}.dump() + "\n");
}

void Journal::failed(std::uint64_t number) {
  append(json{{"failed", number}}.dump() + "\n");
}

void Journal::restored() {
  append("{\"restored\":true}\n");
  if (::fdatasync(file_.get()) != 0) netplan::failed("sync");
}

void Journal::append(std::string_view lines) {
  writeAll(file_.get(), lines);
}

JournalContent Journal::content() const {
  auto content = readJournal(readAll(file_.get()));
  return content ? std::move(*content) : JournalContent{};
}

void Journal::remove() {
  std::error_code ignored;
  std::filesystem::remove(path_, ignored);
}

std::vector<DeadJournal> findDeadJournals(const std::filesystem::path& stateFolder) {
  std::vector<DeadJournal> dead;
  forEachJournal(stateFolder, [&](Descriptor file, const std::filesystem::path& path, bool isLocked) {
    struct stat status {};
    // Somebody else may have undone and removed it between our open and our lock.
    if (isLocked || ::fstat(file.get(), &status) != 0 || status.st_nlink == 0) return;
    auto content = readJournal(readAll(file.get()));
    dead.push_back({std::move(file), path, std::move(content)});
  });
  return dead;
}

std::vector<pid_t> findLiveWardens(const std::filesystem::path& stateFolder) {
  std::vector<pid_t> wardens;
  forEachJournal(stateFolder, [&](const Descriptor& file, const std::filesystem::path&, bool isLocked) {
    const auto content = isLocked ? readJournal(readAll(file.get())) : std::nullopt;
    if (content && content->warden > 1) wardens.push_back(content->warden);
  });
  return wardens;
}

}  // namespace culvert::netplan
