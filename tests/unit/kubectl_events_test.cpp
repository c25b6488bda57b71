#include "orrery/kubectl/events.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "orrery/core/time.hpp"

using nlohmann::json;
using namespace orrery;

namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::int64_t kNow = 1'767'571'200 * kSecond;

std::string ago(std::int64_t seconds) { return format_rfc3339(kNow / kSecond - seconds); }

json event(const char* type, const char* reason, const char* kind, const char* name, const char* message, std::int64_t first, std::int64_t last, int count = 1) {
  return {{"metadata", {{"namespace", "default"}}}, {"involvedObject", {{"kind", kind}, {"name", name}}}, {"type", type},   {"reason", reason},
          {"message", message},                     {"firstTimestamp", ago(first)},                       {"lastTimestamp", ago(last)}, {"count", count}};
}

std::vector<json> sample() {
  return {event("Warning", "BackOff", "Pod", "w", "Back-off restarting failed container c in pod w_default(u1)", 61, 8, 5),
          event("Normal", "SuccessfulCreate", "Job", "pi", "Created pod: pi-5rwd7", 65, 65)};
}

}  // namespace

TEST_CASE("K-070: by time, with counts, the kind as written") {
  CHECK(print_events(sample(), kNow, {}) ==
        "LAST SEEN          TYPE      REASON             OBJECT   MESSAGE\n"
        "65s                Normal    SuccessfulCreate   Job/pi   Created pod: pi-5rwd7\n"
        "8s (x5 over 61s)   Warning   BackOff            Pod/w    Back-off restarting failed container c in pod w_default(u1)\n");
}

TEST_CASE("K-070: filters and columns") {
  CHECK(print_events(sample(), kNow, {.no_headers = true, .types = {"warning"}}) ==
        "8s (x5 over 61s)   Warning   BackOff   Pod/w   Back-off restarting failed container c in pod w_default(u1)\n");
  CHECK(print_events(sample(), kNow, {.all_namespaces = true, .for_kind = "job", .for_name = "pi"}) ==
        "NAMESPACE   LAST SEEN   TYPE     REASON             OBJECT   MESSAGE\n"
        "default     65s         Normal   SuccessfulCreate   Job/pi   Created pod: pi-5rwd7\n");
  CHECK(print_events(sample(), kNow, {.for_kind = "Pod", .for_name = "pi"}).empty());
  CHECK(no_events_message("default") == "No events found in default namespace.");
  CHECK(no_events_message("") == "No events found.");
}

TEST_CASE("K-044: the interval of one event") {
  CHECK(event_interval(sample()[0], kNow) == "8s (x5 over 61s)");
  CHECK(event_interval(sample()[1], kNow) == "65s");
  json series{{"eventTime", ago(300)}, {"series", {{"count", 7}, {"lastObservedTime", ago(3)}}}};
  CHECK(event_interval(series, kNow) == "3s (x7 over 5m)");
  CHECK(event_interval(json::object(), kNow) == "<unknown>");
}

TEST_CASE("G-24: an event with only an event time is sorted by it here") {
  json scheduled = event("Normal", "Scheduled", "Pod", "w", "m", 0, 0);
  scheduled["firstTimestamp"] = nullptr;
  scheduled["lastTimestamp"] = nullptr;
  scheduled["eventTime"] = ago(30);
  std::vector<json> events = sample();
  events.push_back(scheduled);
  const std::string text = print_events(events, kNow, {.no_headers = true});
  CHECK(text.find("SuccessfulCreate") < text.find("Scheduled"));
  CHECK(text.find("Scheduled") < text.find("BackOff"));
}

TEST_CASE("G-26: a line end in a message is not cut and ends the block; widths only grow") {
  std::vector<json> events{event("Normal", "A", "Pod", "a-long-name", " one\ntwo ", 9, 9), event("Normal", "B", "Pod", "b", "three", 8, 8)};
  CHECK(print_events(events, kNow, {}) ==
        "LAST SEEN   TYPE     REASON   OBJECT            MESSAGE\n"
        "9s          Normal   A        Pod/a-long-name   one\n"
        "two\n"
        "8s          Normal   B        Pod/b             three\n");
}

TEST_CASE("K-070, K-013: a watch lays out each event when it comes") {
  EventsTable table({.types = {"Normal"}});
  const std::vector<json> all = sample();
  CHECK(table.add(std::vector<json>{all[0]}, kNow).empty());
  CHECK(table.add(std::vector<json>{all[1]}, kNow) ==
        "LAST SEEN   TYPE     REASON             OBJECT   MESSAGE\n"
        "65s         Normal   SuccessfulCreate   Job/pi   Created pod: pi-5rwd7\n");
  CHECK(table.add(std::vector<json>{event("Normal", "Completed", "Job", "pi", "Job completed", 5, 5)}, kNow) == "5s          Normal   Completed          Job/pi   Job completed\n");
}
