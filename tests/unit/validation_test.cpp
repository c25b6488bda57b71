// The words in which the API server refuses objects. tests/validation/cases.json holds what the real one (1.36.2) says
// to each change of a few base objects; tests/conformance/refused what it said in the recorded scenarios.
#include "orrery/api/validation.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "orrery/api/defaults.hpp"

namespace {

using nlohmann::json;
using orrery::FieldError;

json read_json(const std::filesystem::path& path) {
  std::ifstream in(path);
  REQUIRE_MESSAGE(in, path.string());
  return json::parse(in);
}

std::filesystem::path source_dir() { return ORRERY_SOURCE_DIR; }

/// The answer without "Kind "name" is invalid: "; empty if the object is accepted.
std::string says(const std::vector<FieldError>& errors) {
  if (errors.empty()) return {};
  const std::string message = orrery::invalid_message("K", "n", errors);
  return message.substr(std::string("K \"n\" is invalid: ").size());
}

json changed(json object, const json& change) {
  object.merge_patch(change);
  return object;
}

json stored(const json& base, const json& before) {
  json object = changed(base, {{"metadata", {{"uid", "uid-1"}, {"resourceVersion", "7"}, {"generation", 3}}}});
  object.merge_patch(before);
  return object;
}

struct Refusal {
  std::string at;
  std::string message;
};

std::vector<Refusal> read_refusals(const std::filesystem::path& path) {
  std::vector<Refusal> out;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(": ");
    REQUIRE(line.rfind("t=", 0) == 0);
    out.push_back({line.substr(2, colon - 2), line.substr(colon + 2)});
  }
  return out;
}

std::string answer(std::string_view kind, const json& object, const std::vector<FieldError>& errors) {
  return orrery::invalid_message(orrery::kind_with_group(kind), object["metadata"]["name"].get<std::string>(), errors);
}

}  // namespace

TEST_CASE("new objects: J-005 to J-012, C-005 to C-033, D-011, E-001, metadata, Pod, Node") {
  const json cases = read_json(source_dir() / "tests/validation/cases.json");
  for (const json& row : cases["create"]) {
    CAPTURE(row["rule"].get<std::string>());
    CAPTURE(row["change"].dump());
    json object = changed(cases["bases"][row["base"].get<std::string>()], row["change"]);
    const std::string kind = object["kind"];
    orrery::prepare_for_create(kind, object, {"uid-1", "", ""});
    CHECK(says(orrery::validate_create(kind, object)) == row["says"].get<std::string>());
  }
}

TEST_CASE("changed objects: J-014 to J-017, C-007, D-012, Pod, Node") {
  const json cases = read_json(source_dir() / "tests/validation/cases.json");
  for (const json& row : cases["update"]) {
    CAPTURE(row["rule"].get<std::string>());
    CAPTURE(row["change"].dump());
    json before = stored(cases["bases"][row["base"].get<std::string>()], row["before"]);
    json now = changed(before, row["change"]);
    const std::string kind = now["kind"];
    orrery::apply_defaults(kind, before);
    orrery::prepare_for_update(kind, now, before);
    CHECK(says(orrery::validate_update(kind, now, before)) == row["says"].get<std::string>());
  }
}

TEST_CASE("J-018: writes to the status of a Job") {
  const json cases = read_json(source_dir() / "tests/validation/cases.json");
  for (const json& row : cases["status"]) {
    CAPTURE(row["before"].dump());
    CAPTURE(row["change"].dump());
    json before = stored(cases["bases"][row["base"].get<std::string>()], row["before"]);
    json now = changed(before, row["change"]);
    orrery::apply_defaults("Job", before);
    orrery::prepare_for_status_update("Job", now, before);
    CHECK(says(orrery::validate_status_update("Job", now, before)) == row["says"].get<std::string>());
  }
}

TEST_CASE("every recorded refusal is given word for word") {
  int compared = 0;
  for (const auto& entry : std::filesystem::directory_iterator(source_dir() / "tests/conformance/refused")) {
    const std::string name = entry.path().stem().string();
    if (name.rfind("drain-", 0) == 0) continue;  // what kubectl says, not the API server
    CAPTURE(name);
    const json scenario = read_json(source_dir() / "tests/conformance/scenarios" / (name + ".json"));
    const std::vector<Refusal> refusals = read_refusals(entry.path());
    REQUIRE(refusals.size() == 1);
    REQUIRE(scenario["spec"]["objects"].size() == 1);
    json object = scenario["spec"]["objects"][0];
    const std::string kind = object["kind"];
    orrery::prepare_for_create(kind, object, {"uid-1", "2026-01-01T00:00:00Z"});
    const std::vector<FieldError> errors = orrery::validate_create(kind, object);
    if (refusals[0].at == "0") {
      CHECK(answer(kind, object, errors) == refusals[0].message);
      ++compared;
      continue;
    }
    REQUIRE(errors.empty());
    object["metadata"]["resourceVersion"] = "1";
    for (const json& action : scenario["spec"]["timeline"]) {
      if (action["at"] != refusals[0].at + "s") continue;
      json now = changed(object, action["patch"]["patch"]);
      orrery::prepare_for_update(kind, now, object);
      CHECK(answer(kind, now, orrery::validate_update(kind, now, object)) == refusals[0].message);
      ++compared;
    }
  }
  CHECK(compared == 25);
}

TEST_CASE("what an error looks like") {
  using Type = FieldError::Type;
  const std::pair<FieldError, std::string> table[] = {
      {{Type::required, "a.b", "", ""}, "a.b: Required value"},
      {{Type::required, "a", "", "why"}, "a: Required value: why"},
      {{Type::invalid, "a", "-1", "why"}, "a: Invalid value: -1: why"},
      {{Type::invalid, "a", "", "why"}, "a: Invalid value: why"},
      {{Type::not_supported, "a", "\"x\"", "supported values: \"A\", \"B\""}, "a: Unsupported value: \"x\": supported values: \"A\", \"B\""},
      {{Type::duplicate, "a[1]", "\"x\"", ""}, "a[1]: Duplicate value: \"x\""},
      {{Type::forbidden, "a", "", "why"}, "a: Forbidden: why"},
      {{Type::not_found, "a", "\"x\"", ""}, "a: Not found: \"x\""},
      {{Type::too_many, "a", "21", "must have at most 20 items"}, "a: Too many: 21: must have at most 20 items"},
      {{Type::too_long, "a", "", "may not be more than 63 bytes"}, "a: Too long: may not be more than 63 bytes"},
      {{Type::internal, "a", "", "why"}, "a: Internal error: why"},
  };
  for (const auto& [error, expected] : table) CHECK(orrery::to_string(error) == expected);
  const FieldError a{Type::required, "a", "", ""};
  const FieldError b{Type::required, "b", "", ""};
  CHECK(orrery::invalid_message("Job.batch", "j", {a}) == "Job.batch \"j\" is invalid: a: Required value");
  CHECK(orrery::invalid_message("Job.batch", "j", {a, b, a}) == "Job.batch \"j\" is invalid: [a: Required value, b: Required value]");
  CHECK(orrery::invalid_message("Pod", "a\"b", {}) == "Pod \"a\\\"b\" is invalid");
}

TEST_CASE("trees of the wrong shape are answered, not crashed on") {
  const json odd[] = {nullptr, 1, "x", json::array(), json::object(), {{"spec", 1}}, {{"metadata", "x"}, {"spec", json::array({1})}},
                      {{"spec", {{"template", {{"spec", {{"containers", {1, nullptr, "x"}}, {"volumes", 5}, {"affinity", "x"}}}}}}}},
                      {{"spec", {{"containers", json::array({nullptr})}, {"schedulingGates", "x"}, {"tolerations", json::array({3})}}}}};
  for (const char* kind : {"Pod", "PodTemplate", "Job", "CronJob", "DaemonSet", "ControllerRevision", "Node", "PodDisruptionBudget", "Lease",
                           "PriorityClass", "Unknown"}) {
    for (const json& tree : odd) {
      json object = tree;
      orrery::prepare_for_create(kind, object, {"uid-1", "2026-01-01T00:00:00Z"});
      (void)orrery::validate_create(kind, object);
      json other = tree;
      orrery::prepare_for_update(kind, other, object);
      (void)orrery::validate_update(kind, other, object);
      orrery::prepare_for_status_update(kind, other, tree);
      (void)orrery::validate_status_update(kind, other, tree);
      (void)orrery::validate_create(kind, tree);
      (void)orrery::validate_update(kind, tree, tree);
    }
  }
}
