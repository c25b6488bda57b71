// A branch of an object holds what the whole object holds there: for every path of every object that some runs leave behind.
#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "orrery/cluster/object_branch.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

namespace {

void collect(const Json& value, const Json::json_pointer& at, std::vector<Json::json_pointer>& out) {
  out.push_back(at);
  if (!value.is_structured()) return;
  if (value.is_array())
    for (std::size_t i = 0; i < value.size(); ++i) collect(value[i], at / i, out);
  else
    for (const auto& [key, member] : value.items()) collect(member, at / key, out);
}

std::vector<std::string> tokens_of(Json::json_pointer p) {
  std::vector<std::string> out;
  for (; !p.empty(); p.pop_back()) out.insert(out.begin(), p.back());
  return out;
}

}  // namespace

TEST_CASE("every path finds the same in its branch as in the whole") {
  std::array<std::size_t, kKindCount> seen{};
  for (const char* name : {"job-failpod", "cron-allow", "ds-surge-1-n3", "drain-two-at-once"}) {
    CAPTURE(name);
    auto scenario = read_scenario_file(std::string(ORRERY_SOURCE_DIR "/tests/conformance/scenarios/") + name + ".json");
    REQUIRE(scenario);
    Simulation simulation(std::move(*scenario));
    const Interner& names = simulation.cluster().names();
    std::size_t versions = 0;
    simulation.on_change([&](Duration, const Change& change) {
      if (++versions % 7 != 0) return;
      ++seen[static_cast<std::size_t>(change.kind)];
      const Json whole = to_json(*change.object, names);
      std::vector<Json::json_pointer> paths;
      collect(whole, Json::json_pointer(), paths);
      for (const char* nowhere : {"/", "/status/nothing", "/metadata/name/x", "/status/conditions/99/type", "/spec/containers/-"})
        paths.emplace_back(nowhere);
      for (const auto& path : paths) {
        CAPTURE(path.to_string());
        const Json branch = branch_to_json(*change.object, names, tokens_of(path));
        REQUIRE(branch.contains(path) == whole.contains(path));
        if (whole.contains(path)) REQUIRE(branch.at(path) == whole.at(path));
      }
    });
    (void)simulation.run();
  }
  for (Kind kind : {Kind::pod, Kind::job, Kind::cronjob, Kind::daemonset, Kind::event}) CHECK(seen[static_cast<std::size_t>(kind)] > 0);
}

TEST_CASE("what lies beside the path is left out") {
  Interner names;
  const auto job = from_json(Json::parse(R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"j","namespace":"default","uid":"u"},
      "spec":{"template":{"spec":{"containers":[{"name":"c","image":"i"}],"restartPolicy":"Never"}}}})"),
                             names);
  static_cast<Job&>(*job).status.succeeded = 3;
  static_cast<Job&>(*job).status.active = 2;
  const std::vector<std::string> path{"status", "succeeded"};
  CHECK(branch_to_json(*job, names, path).dump() == R"({"status":{"succeeded":3}})");
}
