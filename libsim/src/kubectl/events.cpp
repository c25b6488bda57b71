#include "orrery/kubectl/events.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "orrery/kubectl/get.hpp"
#include "tab_text.hpp"
#include "values.hpp"

namespace orrery {

using Json = nlohmann::json;
using namespace kubectl;

namespace {

bool same_word(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

std::int64_t time_of(const Json& event) {
  if (const Json& seen = at_path(event, {"series", "lastObservedTime"}); !seen.is_null()) return nanoseconds_of(seen);
  if (const Json& last = member(event, "lastTimestamp"); !last.is_null()) return nanoseconds_of(last);
  return nanoseconds_of(member(event, "eventTime"));
}

}  // namespace

bool selects(const EventsOptions& options, const Json& event) {
  const Json& on = member(event, "involvedObject");
  if (!options.for_kind.empty() && !same_word(text_at(on, {"kind"}), options.for_kind)) return false;
  if (!options.for_name.empty() && text_at(on, {"name"}) != options.for_name) return false;
  const std::string type = text_at(event, {"type"});
  return options.types.empty() || std::any_of(options.types.begin(), options.types.end(), [&](const std::string& t) { return same_word(t, type); });
}

std::string event_interval(const Json& event, std::int64_t now_ns) {
  const Json &event_time = member(event, "eventTime"), &series = member(event, "series");
  const std::string first = age_of(event_time.is_null() ? member(event, "firstTimestamp") : event_time, now_ns, "<unknown>");
  if (series.is_object()) return fmt::format("{} (x{} over {})", age_of(member(series, "lastObservedTime"), now_ns, "<unknown>"), integer_of(member(series, "count")), first);
  const std::int64_t count = integer_of(member(event, "count"));
  if (count > 1) return fmt::format("{} (x{} over {})", age_of(member(event, "lastTimestamp"), now_ns, "<unknown>"), count, first);
  return first;
}

std::string EventsTable::add(std::span<const Json> events, std::int64_t now_ns) {
  std::vector<std::pair<std::int64_t, const Json*>> sorted;
  for (const Json& e : events)
    if (selects(options_, e)) sorted.emplace_back(time_of(e), &e);
  if (sorted.empty()) return {};
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  TabText out;
  if (!options_.no_headers && !begun_) out.line(0, "{}LAST SEEN\tTYPE\tREASON\tOBJECT\tMESSAGE", options_.all_namespaces ? "NAMESPACE\t" : "");
  begun_ = true;
  for (const auto& [time, e] : sorted) {
    if (options_.all_namespaces) out.put(0, text_at(*e, {"metadata", "namespace"}) + '\t');
    out.line(0, "{}\t{}\t{}\t{}/{}\t{}", event_interval(*e, now_ns), text_at(*e, {"type"}), text_at(*e, {"reason"}), text_at(*e, {"involvedObject", "kind"}),
             text_at(*e, {"involvedObject", "name"}), trimmed(text_at(*e, {"message"})));
  }
  return lay_out(out.raw(), {.min_width = 6, .padding = 3, .remembered = &widths_});
}

std::string print_events(std::span<const Json> events, std::int64_t now_ns, const EventsOptions& options) { return EventsTable(options).add(events, now_ns); }

std::string no_events_message(const std::string& ns) { return ns.empty() ? "No events found." : fmt::format("No events found in {} namespace.", ns); }

}  // namespace orrery
