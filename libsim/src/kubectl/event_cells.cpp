// Cells of an event (K-037), in core/v1 or events.k8s.io/v1 form. Source: pkg/printers/internalversion/printers.go,
// printEvent.
#include <fmt/format.h>

#include "kubectl/access.hpp"
#include "kubectl/table.hpp"

namespace orrery::kubectl {
namespace {

using nlohmann::json;

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string trimmed(const std::string& text) {
  constexpr std::string_view kBlanks = " \t\n\v\f\r";
  const std::size_t begin = text.find_first_not_of(kBlanks);
  return begin == std::string::npos ? std::string() : text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::string first_of(std::string a, std::string b) { return a.empty() ? std::move(b) : std::move(a); }

std::optional<Time> first_of(std::optional<Time> a, std::optional<Time> b) { return a ? a : b; }

std::string object_text(const json& object) {
  const std::string kind = lower(string_at(object, {"kind"}));
  const std::string name = string_at(object, {"name"});
  return name.empty() ? kind : kind + '/' + name;
}

std::string source_text(const json& event) {
  const std::string component = first_of(first_of(string_at(event, {"source", "component"}), string_at(event, {"deprecatedSource", "component"})),
                                         first_of(string_at(event, {"reportingComponent"}), string_at(event, {"reportingController"})));
  const std::string host = first_of(first_of(string_at(event, {"source", "host"}), string_at(event, {"deprecatedSource", "host"})),
                                    string_at(event, {"reportingInstance"}));
  return host.empty() ? component : component + ", " + host;
}

}  // namespace

Row event_cells(const json& event, Time now) {
  const json& involved = at(event, {"involvedObject"});
  const json& object = involved.is_object() ? involved : at(event, {"regarding"});
  const auto first = first_of(first_of(seconds_at(event, {"firstTimestamp"}), seconds_at(event, {"deprecatedFirstTimestamp"})),
                              time_at(event, {"eventTime"}));
  auto last = first_of(first_of(seconds_at(event, {"lastTimestamp"}), seconds_at(event, {"deprecatedLastTimestamp"})), first);
  std::int64_t count = int_at(event, {"count"});
  if (count == 0) count = int_at(event, {"deprecatedCount"});
  if (at(event, {"series"}).is_object()) {
    last = first_of(time_at(event, {"series", "lastObservedTime"}), last);
    count = int_at(event, {"series", "count"});
  }
  return {age_text(now, last),
          string_at(event, {"type"}),
          string_at(event, {"reason"}),
          object_text(object),
          string_at(object, {"fieldPath"}),
          source_text(event),
          trimmed(first_of(string_at(event, {"message"}), string_at(event, {"note"}))),
          age_text(now, first),
          fmt::format("{}", count == 0 ? 1 : count),
          string_at(event, {"metadata", "name"})};
}

}  // namespace orrery::kubectl
