#pragma once
// Objects as `kubectl get` prints them. Works on API objects as JSON; selecting and ordering them is the caller's business.
// Rules: K-001 … K-038.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace orrery {

struct KindInfo {
  std::string_view kind, plural, singular, group;  ///< "Job", "jobs", "job", "batch"
  bool namespaced = true;
};
/// By kind, plural, singular or short name, with or without the group, in any case: `po`, `jobs.batch`, `DaemonSet`. Null if unknown.
const KindInfo* resolve_kind(std::string_view word);

struct GetOptions {
  enum class Output : std::uint8_t { table, wide, name, json, yaml } output = Output::table;
  bool all_namespaces = false;  ///< first column NAMESPACE
  bool show_labels = false;
  bool no_headers = false;
  bool with_kind = false;       ///< names as kind.group/name, as with several kinds
  bool single = false;          ///< json, yaml: the object itself instead of a List of one
  std::vector<std::string> label_columns = {};  ///< -L: a column for each of these keys
};

/// Ends in a newline; empty where a table or names have nothing to show. `now_ns`: Unix time in nanoseconds, for the ages.
std::string print_objects(const KindInfo& kind, const std::vector<nlohmann::json>& objects, std::int64_t now_ns, const GetOptions& options);

/// What `kubectl get --watch` prints: each piece is laid out when it comes, so widths only grow (K-013).
class WatchTable {
 public:
  /// `events`: a first column EVENT, as with --output-watch-events (K-018).
  WatchTable(const KindInfo& kind, GetOptions options, bool events) : kind_(kind), options_(std::move(options)), events_(events) {}
  /// `event` is ADDED, MODIFIED or DELETED, the same for all of the objects. Output as print_objects, the header only once.
  std::string add(std::string_view event, const std::vector<nlohmann::json>& objects, std::int64_t now_ns);

 private:
  const KindInfo& kind_;
  GetOptions options_;
  bool events_;
  bool begun_ = false;
  std::vector<std::size_t> widths_;
};

/// k8s.io/apimachinery/pkg/util/duration.HumanDuration (K-002).
std::string human_duration(std::int64_t ns);

}  // namespace orrery
