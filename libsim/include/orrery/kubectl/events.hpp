#pragma once
// Events as `kubectl events` prints them: by time, with counts. (`kubectl get events` is kubectl/get.hpp: by name.)
// Rules: K-044, K-070, G-23, G-26; upstream kubectl/pkg/cmd/events.
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace orrery {

struct EventsOptions {
  bool all_namespaces = false;                 ///< first column NAMESPACE
  bool no_headers = false;
  std::vector<std::string> types = {};         ///< --types: only these, in any case; empty: all
  std::string for_kind = {}, for_name = {};    ///< --for kind/name: the involved object; empty: any
};

/// Whether the options cover the event.
bool selects(const EventsOptions& options, const nlohmann::json& event);

/// The table, piece by piece as with --watch: each piece is sorted by time and laid out when it comes (K-013).
class EventsTable {
 public:
  explicit EventsTable(EventsOptions options) : options_(std::move(options)) {}
  /// Empty when the options cover none of the events.
  std::string add(std::span<const nlohmann::json> events, std::int64_t now_ns);

 private:
  EventsOptions options_;
  bool begun_ = false;
  std::vector<std::size_t> widths_;
};

/// A table ending in a newline; empty when no event is left (kubectl then prints no_events_message on stderr).
/// `now_ns`: Unix time in nanoseconds. Equal times keep the order of `events`.
std::string print_events(std::span<const nlohmann::json> events, std::int64_t now_ns, const EventsOptions& options);

/// Without a newline. An empty namespace means all of them.
std::string no_events_message(const std::string& ns);

/// LAST SEEN of `kubectl events` and Age of describe: "8s (x5 over 61s)", "2m".
std::string event_interval(const nlohmann::json& event, std::int64_t now_ns);

}  // namespace orrery
