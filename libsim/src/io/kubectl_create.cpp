#include "kubectl_create.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "kinds.hpp"
#include "orrery/api/selector.hpp"

namespace orrery::scenario_reading {

namespace {

struct Generator {
  std::string_view word, short_word, kind, version;
};
constexpr std::array kGenerators{
    Generator{"job", "", "Job", "batch/v1"},
    Generator{"cronjob", "cj", "CronJob", "batch/v1"},
    Generator{"namespace", "ns", "Namespace", "v1"},
    Generator{"poddisruptionbudget", "pdb", "PodDisruptionBudget", "policy/v1"},
    Generator{"priorityclass", "pc", "PriorityClass", "scheduling.k8s.io/v1"},
    Generator{"run", "", "Pod", "v1"},
};

const Generator* generator(std::string_view what) {
  const auto* const it = std::find_if(kGenerators.begin(), kGenerators.end(), [&](const Generator& g) { return what == g.word || (what == g.short_word && !what.empty()); });
  return it == kGenerators.end() ? nullptr : it;
}

/// "a=b,c=d" or several flags.
json pairs(const CommandLine& line, std::string_view flag) {
  json out = json::object();
  for (const std::string& text : line.all(flag))
    for (std::size_t from = 0; from <= text.size();) {
      const std::size_t comma = std::min(text.find(',', from), text.size());
      const std::string part = text.substr(from, comma - from);
      const std::size_t equals = part.find('=');
      if (equals == std::string::npos || equals == 0)
        line.fail(fmt::format("--{} wants KEY=VALUE, got \"{}\"", flag, shown(std::string_view(part))));
      else
        out[part.substr(0, equals)] = part.substr(equals + 1);
      from = comma + 1;
    }
  return out;
}

json container(const CommandLine& line, const std::string& name, bool as_command) {
  json out = {{"name", name}, {"image", line.value("image")}};
  if (!line.after_dashes.empty()) out[as_command ? "command" : "args"] = line.after_dashes;
  for (const std::string& e : line.all("env")) {
    const std::size_t equals = e.find('=');
    if (equals == std::string::npos || equals == 0)
      line.fail(fmt::format("--env wants NAME=VALUE, got \"{}\"", shown(std::string_view(e))));
    else
      out["env"].push_back({{"name", e.substr(0, equals)}, {"value", e.substr(equals + 1)}});
  }
  return out;
}

/// An integer where the text is one: minAvailable and its like.
json integer_or_text(const std::string& text) {
  std::int64_t n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error == std::errc() && end == text.data() + text.size()) return n;
  return text;
}

/// A LabelSelector object of kubectl's syntax.
json selector_object(const CommandLine& line, const std::string& text) {
  std::string problem;
  const auto selector = parse_selector(text, &problem);
  json out = json::object();
  if (!selector) {
    line.fail(fmt::format("\"{}\" is not a label selector: {}", shown(std::string_view(text)), problem));
    return out;
  }
  using Op = Selector::Op;
  for (const auto& r : selector->requirements()) {
    if ((r.op == Op::equals || r.op == Op::double_equals) && r.values.size() == 1) {
      out["matchLabels"][r.key] = r.values[0];
      continue;
    }
    if (r.op == Op::greater || r.op == Op::less) {
      line.fail("a budget cannot select by greater and less");
      continue;
    }
    json e = {{"key", r.key}, {"operator", r.op == Op::exists ? "Exists" : r.op == Op::absent ? "DoesNotExist" : r.op == Op::in ? "In" : "NotIn"}};
    if (!r.values.empty()) e["values"] = r.values;
    out["matchExpressions"].push_back(std::move(e));
  }
  return out;
}

void add_budget(json& o, const CommandLine& line) {
  const bool least = line.given("min-available"), most = line.given("max-unavailable");
  if (!line.given("selector")) line.fail("--selector is missing");
  if (least == most) line.fail("give either --min-available or --max-unavailable");
  o["spec"]["selector"] = selector_object(line, line.value("selector"));
  if (least) o["spec"]["minAvailable"] = integer_or_text(line.value("min-available"));
  if (most) o["spec"]["maxUnavailable"] = integer_or_text(line.value("max-unavailable"));
}

void add_priority(json& o, const CommandLine& line) {
  constexpr std::int64_t kLeast = -2'147'483'648;
  o["value"] = line.integer("value", kLeast).value_or(0);
  o["globalDefault"] = line.is_on("global-default");
  o["preemptionPolicy"] = line.given("preemption-policy") ? line.value("preemption-policy") : "PreemptLowerPriority";
  if (line.given("description")) o["description"] = line.value("description");
}

void add_pod(json& o, const CommandLine& line, const std::string& name) {
  o["metadata"]["labels"] = line.given("labels") ? pairs(line, "labels") : json{{"run", name}};
  o["spec"] = {{"containers", json::array({container(line, name, line.is_on("command"))})}, {"restartPolicy", line.given("restart") ? line.value("restart") : "Always"}};
  if (line.given("annotations")) o["metadata"]["annotations"] = pairs(line, "annotations");
}

void add_workload(json& o, const CommandLine& line, const std::string& name, bool cron) {
  const std::string restart = line.given("restart") ? line.value("restart") : cron ? "OnFailure" : "Never";
  json spec = {{"template", {{"spec", {{"containers", json::array({container(line, name, true)})}, {"restartPolicy", restart}}}}}};
  o["spec"] = cron ? json{{"schedule", line.value("schedule")}, {"jobTemplate", {{"metadata", {{"name", name}}}, {"spec", std::move(spec)}}}} : std::move(spec);
}

}  // namespace

bool can_create(std::string_view what) { return generator(what) != nullptr; }

std::string created_kinds() {
  std::string out;
  for (const Generator& g : kGenerators)
    if (g.word != "run") out += fmt::format("{}{}", out.empty() ? "" : ", ", g.word);
  return out;
}

std::vector<Flag> flags_to_create(std::string_view what) {
  const Generator* g = generator(what);
  if (g == nullptr) return {};
  const Flag restart{"restart", 0, Takes::value};
  if (g->kind == "Job") return {kNamespace, kImage, {"from", 0, Takes::value}, {"schedule", 0, Takes::value}, restart};
  if (g->kind == "CronJob") return {kNamespace, kImage, {"schedule", 0, Takes::value}, restart};
  if (g->kind == "PodDisruptionBudget") return {kNamespace, {"selector", 0, Takes::value}, {"min-available", 0, Takes::value}, {"max-unavailable", 0, Takes::value}};
  if (g->kind == "PriorityClass")
    return {{"value", 0, Takes::value}, {"global-default", 0, Takes::maybe}, {"description", 0, Takes::value}, {"preemption-policy", 0, Takes::value}};
  if (g->kind == "Pod")
    return {kNamespace, kImage, {"labels", 'l', Takes::value}, {"annotations", 0, Takes::value}, {"env", 0, Takes::value}, {"command", 0, Takes::nothing}, {"port", 0, Takes::value}, restart};
  return {};
}

std::optional<verb::CreateJob> job_from_cron_job(CommandLine& line) {
  const std::size_t before = line.problems().size();
  const std::string from = line.value("from");
  const std::size_t slash = from.find('/');
  const KindInfo* kind = slash == std::string::npos ? nullptr : find_kubectl_kind(std::string_view(from).substr(0, slash));
  if (line.given("image") || !line.after_dashes.empty()) line.fail("give either --image or --from");
  if (kind == nullptr || kind->kind != "CronJob" || slash + 1 == from.size()) line.fail(fmt::format("--from wants cronjob/NAME, got \"{}\"", shown(std::string_view(from))));
  if (line.arguments.size() != 1) line.fail("exactly one name is needed");
  if (line.problems().size() != before) return std::nullopt;
  return verb::CreateJob{{"CronJob", namespace_of(*kind, line.value("namespace")), from.substr(slash + 1)}, line.arguments[0]};
}

std::optional<json> created_object(CommandLine& line, std::string_view what) {
  const Generator* g = generator(what);
  if (g == nullptr) return std::nullopt;
  const std::size_t before = line.problems().size();
  const bool has_image = g->kind == "Job" || g->kind == "CronJob" || g->kind == "Pod";
  if (line.arguments.size() != 1) line.fail("exactly one name is needed");
  if (has_image && line.value("image").empty()) line.fail("--image is missing");
  if (g->kind == "CronJob" && line.value("schedule").empty()) line.fail("--schedule is missing");
  if (g->kind == "Job" && line.given("schedule")) line.fail("--schedule is for a cronjob");
  if (line.problems().size() != before) return std::nullopt;
  const std::string& name = line.arguments[0];
  json o = {{"apiVersion", g->version}, {"kind", g->kind}, {"metadata", {{"name", name}}}};
  const bool namespaced = g->kind != "Namespace" && g->kind != "PriorityClass";
  if (namespaced && line.given("namespace")) o["metadata"]["namespace"] = line.value("namespace");
  if (g->kind == "Pod") add_pod(o, line, name);
  if (g->kind == "Job" || g->kind == "CronJob") add_workload(o, line, name, g->kind == "CronJob");
  if (g->kind == "PodDisruptionBudget") add_budget(o, line);
  if (g->kind == "PriorityClass") add_priority(o, line);
  if (line.problems().size() != before) return std::nullopt;
  return o;
}

}  // namespace orrery::scenario_reading
