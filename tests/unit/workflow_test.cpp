// Workflows: what is refused and where, the state machine, and what happens when somebody interferes.
#include <doctest/doctest.h>

#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/workflow_plan.hpp"
#include "orrery/api/schema.hpp"
#include "orrery/models/simulation.hpp"

using namespace orrery;
using Json = nlohmann::json;

namespace {

template <class... T>
Json list(T&&... items) {
  Json out = Json::array();
  (out.push_back(Json(std::forward<T>(items))), ...);
  return out;
}
Json job(const std::string& name, Json depends = Json::array()) {
  Json out = {{"name", name},
              {"template", {{"spec", {{"backoffLimit", 0}, {"template", {{"spec", {{"restartPolicy", "Never"}, {"containers", {{{"name", "c"}, {"image", "i:1"}}}}}}}}}}}}};
  if (!depends.empty()) out["dependsOn"] = std::move(depends);
  return out;
}
Json on(const std::string& name, const std::string& condition) { return {{"job", name}, {"condition", condition}}; }

Json workflow(Json jobs) { return {{"apiVersion", "orrery/v1"}, {"kind", "Workflow"}, {"metadata", {{"name", "w"}}}, {"spec", {{"jobs", std::move(jobs)}}}}; }

/// Jobs whose names begin with "bad" fail; all run for 10 s.
Scenario scenario(const Json& w, Json timeline = Json::array()) {
  const Json s = {{"apiVersion", "orrery/v1"},
                  {"kind", "Scenario"},
                  {"metadata", {{"name", "workflow"}}},
                  {"spec",
                   {{"until", "10m"},
                    {"controlPlane", {{"profile", "realistic"}}},
                    {"nodes", {{{"count", 3}, {"metadata", {{"name", "n"}}}}}},
                    {"objects", list(w)},
                    {"behaviors",
                     {{{"match", {{"kind", "Job"}, {"name", "w-bad"}}}, {"run", "10s"}, {"exit", 1}}, {{"match", {{"kind", "Job"}, {"name", "w-bad2"}}}, {"run", "10s"}, {"exit", 1}}, {{"run", "10s"}, {"exit", 0}}}},
                    {"timeline", std::move(timeline)}}}};
  auto out = parse_scenario(s.dump(), "workflow", ".");
  if (!out)
    for (const Diagnostic& d : out.problems()) MESSAGE(to_string(d));
  REQUIRE(out);
  return *out;
}

Json status_of(Simulation& sim) {
  const Object* w = sim.cluster().store().live(Kind::workflow, sim.cluster().symbol("default"), "w");
  return w == nullptr ? Json() : static_cast<const GenericObject&>(*w).body->value->value("status", Json::object());
}
std::string states(const Json& status) {
  std::string out;
  for (const Json& j : status.value("jobs", Json::array())) out += (out.empty() ? "" : " ") + j.value("name", "") + "=" + j.value("state", "");
  return out;
}

}  // namespace

TEST_CASE("what is refused, and where") {
  struct Row {
    Json jobs;
    const char* pointer;
    const char* message;
    const char* hint;
  };
  const Row rows[] = {
      {list(job("a", list("c")), job("b", list("a")), job("c", list("b"))), "/spec/jobs/0/dependsOn", "the jobs wait for each other in a cycle: a → b → c → a", "take one of these dependencies out"},
      {list(job("a", list("a"))), "/spec/jobs/0/dependsOn", "the jobs wait for each other in a cycle: a → a", "take one of these dependencies out"},
      {list(job("fetch"), job("b", list("fecth"))), "/spec/jobs/1/dependsOn/0", "there is no job \"fecth\"", "did you mean \"fetch\"?"},
      {list(job("a"), job("a")), "/spec/jobs/1/name", "there are two jobs \"a\"", "the other is /spec/jobs/0"},
      {list(job("a"), job("b", list(on("a", "succes")))), "/spec/jobs/1/dependsOn/0/condition", "\"succes\" is not a condition", "did you mean \"success\"?"},
      {list(job("a"), job("b", list(on("a", "sometimes")))), "/spec/jobs/1/dependsOn/0/condition", "\"sometimes\" is not a condition", "one of success, failure, always"},
      {list(job("a"), job("b", list(Json{{"jop", "a"}}))), "/spec/jobs/1/dependsOn/0/jop", "unknown field \"jop\"", "did you mean \"job\"?"},
      {list(job("a"), job("b", list("a", on("a", "always")))), "/spec/jobs/1/dependsOn/1", "the job \"a\" is named twice", ""},
      {list(job("-a")), "/spec/jobs/0/name", "\"-a\" is not the name of a job", "lower-case letters, digits and '-', at most 63, a letter or digit at both ends"},
      {Json::array(), "/spec/jobs", "a workflow needs at least one job", ""},
  };
  for (const Row& r : rows) {
    Diagnostics found;
    check_object(workflow(r.jobs), "", found);
    REQUIRE(!found.empty());
    CHECK(found[0].pointer == r.pointer);
    CHECK(found[0].message == r.message);
    CHECK(found[0].hint == r.hint);
  }
  Diagnostics found;
  check_object(workflow(list(job("a"), job("b", list("a")), job("c", list("a", on("b", "failure"))))), "", found);
  CHECK(found.empty());
  Json many = Json::array();
  for (int i = 0; i < 1001; ++i) many.push_back(job(fmt::format("j{}", i)));
  check_object(workflow(many), "", found);
  REQUIRE(found.size() == 1);
  CHECK(found[0].message == "more jobs than the limit of 1000");
}

TEST_CASE("what the API refuses: templates, long names, changes of the jobs") {
  Json always = workflow(list(job("a")));
  always["spec"]["jobs"][0]["template"]["spec"]["template"]["spec"]["restartPolicy"] = "Always";
  Json long_name = workflow(list(job(std::string(62, 'x'))));
  Json zero = workflow(list(job("a")));
  zero["spec"]["parallelism"] = -1;
  Json argo = workflow(list(job("a")));
  argo["apiVersion"] = "argoproj.io/v1alpha1";
  // No structured bindings: clang 14 has no way to capture them in doctest's lambdas.
  for (const auto& row : {std::pair<Json, std::string>{always, "spec.jobs[0].template.spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""},
                                {long_name, "together with the name of the workflow must be no more than 62 characters"},
                                {zero, "spec.parallelism: Invalid value: -1: must be greater than 0"},
                                {argo, "apiVersion: Unsupported value: \"argoproj.io/v1alpha1\""}}) {
    Simulation sim(scenario(row.first));
    sim.run_until({});
    REQUIRE(sim.refusals().size() == 1);
    CHECK_MESSAGE(sim.refusals()[0].message.find(row.second) != std::string::npos, sim.refusals()[0].message);
  }
  Simulation sim(scenario(workflow(list(job("a"))), {{{"at", "1s"}, {"patch", {{"kind", "Workflow"}, {"name", "w"}, {"type", "merge"}, {"patch", {{"spec", {{"jobs", list(job("b"))}}}}}}}},
                                                 {{"at", "2s"}, {"patch", {{"kind", "Workflow"}, {"name", "w"}, {"patch", {{"spec", {{"parallelism", 3}}}}}}}}}));
  sim.run_until(std::chrono::seconds(3));
  REQUIRE(sim.refusals().size() == 1);
  CHECK(sim.refusals()[0].message == "Workflow.orrery \"w\" is invalid: spec.jobs: Invalid value: 1 jobs: field is immutable");
}

TEST_CASE("how it ends: conditions, skipping, which failures count") {
  struct Row {
    Json jobs;
    const char* states;
    const char* phase;
  };
  const Row rows[] = {
      {list(job("a"), job("b", list("a"))), "a=Succeeded b=Succeeded", "Succeeded"},
      {list(job("bad"), job("b", list("bad")), job("c", list("b"))), "bad=Failed b=Skipped c=Skipped", "Failed"},
      {list(job("bad"), job("b", list(on("bad", "failure")))), "bad=Failed b=Succeeded", "Succeeded"},
      {list(job("bad"), job("b", list(on("bad", "always")))), "bad=Failed b=Succeeded", "Failed"},
      {list(job("bad"), job("bad2", list(on("bad", "failure")))), "bad=Failed bad2=Failed", "Failed"},
      {list(job("a"), job("b", list(on("a", "failure"))), job("c", list(on("b", "always"))), job("d", list(on("b", "failure")))), "a=Succeeded b=Skipped c=Succeeded d=Skipped", "Succeeded"},
      // Written before what it waits for; fan-in of both outcomes.
      {list(job("z", list("a", on("bad", "failure"))), job("a"), job("bad")), "z=Succeeded a=Succeeded bad=Failed", "Succeeded"},
      {list(job("z", list("a", "bad")), job("a"), job("bad")), "z=Skipped a=Succeeded bad=Failed", "Failed"},
  };
  for (const Row& r : rows) {
    Simulation sim(scenario(workflow(r.jobs)));
    (void)sim.run();
    const Json status = status_of(sim);
    CHECK(states(status) == r.states);
    CHECK(status.value("phase", "") == r.phase);
    CHECK(status.contains("completionTime"));
    CHECK(status["conditions"][0]["type"] == (std::string(r.phase) == "Failed" ? "Failed" : "Complete"));
  }
}

TEST_CASE("interference: deleted Jobs, a deleted workflow, a stopped controller, a name that is taken") {
  const auto at = [](const char* t, Json verb) {
    Json out = std::move(verb);
    out["at"] = t;
    return out;
  };
  SUBCASE("a Job deleted while it runs has failed; one deleted when finished keeps its result") {
    Simulation sim(scenario(workflow(list(job("a"), job("b", list("a")), job("c", list("b")))), list(at("15s", {{"delete", {{"kind", "Job"}, {"name", "w-a"}}}}), at("18s", {{"delete", {{"kind", "Job"}, {"name", "w-b"}}}}))));
    (void)sim.run();
    CHECK(states(status_of(sim)) == "a=Succeeded b=Failed c=Skipped");
    CHECK(status_of(sim)["jobs"][1]["message"] == "its Job was deleted before it finished");
    CHECK(sim.cluster().store().count(Kind::job) == 0);
  }
  SUBCASE("with the workflow go its Jobs") {
    Simulation sim(scenario(workflow(list(job("a"), job("b", list("a")))), list(at("5s", {{"delete", {{"kind", "Workflow"}, {"name", "w"}}}}))));
    (void)sim.run();
    CHECK(sim.cluster().store().count(Kind::workflow) == 0);
    CHECK(sim.cluster().store().count(Kind::job) == 0);
    CHECK(sim.cluster().store().count(Kind::pod) == 0);
  }
  SUBCASE("orphaned Jobs stay") {
    Simulation sim(scenario(workflow(list(job("a"), job("b", list("a")))), list(at("5s", {{"delete", {{"kind", "Workflow"}, {"name", "w"}, {"propagation", "Orphan"}}}}))));
    (void)sim.run();
    CHECK(sim.cluster().store().count(Kind::job) == 1);
  }
  SUBCASE("a controller that was away goes on where things stand") {
    Simulation sim(scenario(workflow(list(job("a"), job("b", list("a")), job("bad", list("a")))), list(at("2s", {{"stopController", {{"controller", "workflow"}}}}), at("60s", {{"startController", {{"controller", "workflow"}}}}))));
    sim.run_until(std::chrono::seconds(59));
    CHECK(states(status_of(sim)) == "a=Running b=Waiting bad=Waiting");
    (void)sim.run();
    CHECK(states(status_of(sim)) == "a=Succeeded b=Succeeded bad=Failed");
  }
  SUBCASE("a Job of that name that is not ours is left alone, and waited for") {
    Json other = {{"apiVersion", "batch/v1"}, {"kind", "Job"}, {"metadata", {{"name", "w-b"}}}, {"spec", job("x")["template"]["spec"]}};
    Simulation sim(scenario(workflow(list(job("a"), job("b", list("a")))), list(at("1s", {{"apply", other}}), at("60s", {{"delete", {{"kind", "Job"}, {"name", "w-b"}}}}))));
    sim.run_until(std::chrono::seconds(50));
    CHECK(states(status_of(sim)) == "a=Succeeded b=Waiting");
    (void)sim.run();
    CHECK(states(status_of(sim)) == "a=Succeeded b=Succeeded");
  }
  SUBCASE("an API outage loses nothing and makes nothing twice") {
    for (const char* when : {"1ms", "4ms", "6ms", "11s", "11100ms", "11102ms", "11105ms", "11110ms", "11120ms"}) {
      Simulation sim(scenario(workflow(list(job("a"), job("b", list("a")), job("c", list("a")), job("d", list("b", "c")))), list(at(when, {{"apiOutage", {{"for", "7s"}}}}))));
      std::map<std::string, int> made;
      sim.on_change([&](Duration, const Change& c) {
        if (c.kind == Kind::job && c.type == ChangeType::added) ++made[std::string(c.object->name())];
      });
      (void)sim.run();
      CHECK(states(status_of(sim)) == "a=Succeeded b=Succeeded c=Succeeded d=Succeeded");
      for (const auto& job_made : made) CHECK_MESSAGE(job_made.second == 1, job_made.first);
    }
  }
}

TEST_CASE("Events tell the story") {
  Simulation sim(scenario(workflow(list(job("bad"), job("b", list("bad")), job("c", list(on("bad", "failure")))))));
  (void)sim.run();
  std::string told;
  for (const auto& o : sim.cluster().store().list(Kind::event)) {
    const EventObject& e = static_cast<const EventObject&>(*o);
    if (e.on->kind == Kind::workflow) told += fmt::format("{}: {}\n", sim.cluster().text(e.reason), e.message);
  }
  for (const char* line : {"SuccessfulCreate: Created job w-bad\n", "JobFailed: Job bad failed: BackoffLimitExceeded\n", "JobSkipped: Skipped job b: bad has failed\n",
                           "SuccessfulCreate: Created job w-c\n", "JobSucceeded: Job c succeeded\n", "Completed: Workflow completed\n"})
    CHECK_MESSAGE(told.find(line) != std::string::npos, told);
}
