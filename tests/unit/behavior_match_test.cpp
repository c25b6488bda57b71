// Which entry of spec.behaviors a container follows: the first that matches, whatever it is that an entry asks for.
#include <doctest/doctest.h>

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

namespace {

/// The exit codes of a pod of the Jobs "a" and "b", of a Job of the CronJob "c", and of the pod "p".
std::string exit_codes(const std::string& behaviors) {
  const std::string pod = R"({"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]})";
  const std::string job = R"({"backoffLimit":0,"template":{"spec":)" + pod + "}}";
  const auto object = [](const char* version, const char* kind, const char* name, const std::string& spec) {
    return fmt::format(R"({{"apiVersion":"{}","kind":"{}","metadata":{{"name":"{}"}},"spec":{}}})", version, kind, name, spec);
  };
  const std::string objects = object("batch/v1", "Job", "a", job) + "," + object("batch/v1", "Job", "b", job) + "," +
                              object("batch/v1", "CronJob", "c", R"({"schedule":"* * * * *","jobTemplate":{"spec":)" + job + "}}") + "," + object("v1", "Pod", "p", pod);
  const std::string text = fmt::format(
      R"({{"apiVersion":"orrery/v1","kind":"Scenario","metadata":{{"name":"match"}},"spec":{{"until":"90s","nodes":[{{"metadata":{{"name":"n"}}}}],"objects":[{}],"behaviors":[{}]}}}})",
      objects, behaviors);
  auto scenario = parse_scenario(text, "match", ".");
  REQUIRE(scenario);
  Simulation sim(std::move(*scenario));
  std::map<std::string, int> codes;  // by the first letter of the pod's name
  sim.on_change([&codes](Duration, const Change& c) {
    if (c.kind != Kind::pod) return;
    const Pod& p = static_cast<const Pod&>(*c.object);
    if (p.terminal() && !p.containers.empty()) codes.emplace(p.name().substr(0, 1), p.containers[0].terminated.exit_code);
  });
  (void)sim.run();
  std::string out;
  for (const auto& [name, code] : codes) out += fmt::format("{}{}={}", out.empty() ? "" : " ", name, code);
  return out;
}

}  // namespace

TEST_CASE("the first entry that matches wins") {
  struct Row {
    const char* what;
    const char* behaviors;
    const char* codes;
  };
  const Row rows[] = {
      {"names before one for all", R"({"match":{"name":"a"},"run":"1s","exit":1},{"match":{"name":"b"},"run":"1s","exit":2},{"run":"1s","exit":3})", "a=1 b=2 c=3 p=3"},
      {"one for all before names", R"({"run":"1s","exit":3},{"match":{"name":"a"},"run":"1s","exit":1})", "a=3 b=3 c=3 p=3"},
      {"one for some in between",
       R"({"match":{"name":"b"},"run":"1s","exit":1},{"match":{"kind":"Job"},"run":"1s","exit":2},{"match":{"name":"a"},"run":"1s","exit":3},{"run":"1s","exit":4})",
       "a=2 b=1 c=2 p=4"},
      {"a Job of a CronJob goes by either", R"({"match":{"kind":"CronJob","name":"c"},"run":"1s","exit":1},{"match":{"kind":"Job"},"run":"1s","exit":2},{"run":"1s","exit":3})", "a=2 b=2 c=1 p=3"},
      {"the earlier of the two", R"({"match":{"kind":"Job"},"run":"1s","exit":2},{"match":{"kind":"CronJob","name":"c"},"run":"1s","exit":1},{"run":"1s","exit":3})", "a=2 b=2 c=2 p=3"},
      {"two of one name", R"({"match":{"name":"a","container":"other"},"run":"1s","exit":1},{"match":{"name":"a"},"run":"1s","exit":2},{"run":"1s","exit":3})", "a=2 b=3 c=3 p=3"},
      {"a name that is another kind's", R"({"match":{"kind":"DaemonSet","name":"a"},"run":"1s","exit":1},{"run":"1s","exit":2})", "a=2 b=2 c=2 p=2"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    CHECK(exit_codes(row.behaviors) == row.codes);
  }
}
