#include "orrery/api/workflow_plan.hpp"

#include <algorithm>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "api/reading.hpp"
#include "orrery/api/schema.hpp"

namespace orrery {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxExcerpt = 60;
constexpr std::size_t kMaxLabel = 63;

const Json* member(const Json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto it = object.find(key);
  return it == object.end() || it->is_null() ? nullptr : &*it;
}

const std::string* text_at(const Json& object, const char* key) {
  const Json* v = member(object, key);
  return v != nullptr ? v->get_ptr<const std::string*>() : nullptr;
}

std::string in_quotes(std::string_view text) { return fmt::format("\"{}\"", detail::excerpt(text, kMaxExcerpt)); }

std::optional<DependencyCondition> condition_of(std::string_view word) {
  for (std::size_t i = 0; i < kDependencyConditions.size(); ++i)
    if (kDependencyConditions[i] == word) return static_cast<DependencyCondition>(i);
  return std::nullopt;
}

/// RFC 1123, at most 63 characters: the name becomes the end of a Job's name and the value of a label.
bool is_label(std::string_view name) {
  const auto inner = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  return !name.empty() && name.size() <= kMaxLabel && std::all_of(name.begin(), name.end(), inner) && name.front() != '-' && name.back() != '-';
}

/// Collects what is wrong, with pointers below the object's own.
class Check {
 public:
  Check(const Json& jobs, const std::string& base, Diagnostics& problems) : list_(jobs), base_(base), problems_(problems) {}

  void run() {
    const Json& list = list_;
    if (list.empty()) return add("/spec/jobs", "a workflow needs at least one job");
    if (list.size() > kMaxWorkflowJobs) return add("/spec/jobs", fmt::format("more jobs than the limit of {}", kMaxWorkflowJobs));
    names(list);
    std::vector<DagEdge> edges;
    for (std::size_t i = 0; i < list.size(); ++i) dependencies(i, list[i], edges);
    if (edges.size() > kMaxWorkflowDependencies) return add("/spec/jobs", fmt::format("more dependencies than the limit of {}", kMaxWorkflowDependencies));
    const std::vector<std::size_t> cycle = find_cycle(list.size(), edges);
    if (cycle.empty()) return;
    // The walk goes from a job to those that wait for it; so does the reader.
    std::string path;
    for (std::size_t k = 0; k < cycle.size(); ++k) {
      if (k > 20 && k + 1 < cycle.size()) continue;
      if (k + 1 == cycle.size() && k > 21) path += " → …";
      path += (path.empty() ? "" : " → ") + detail::excerpt(*text_at(list[cycle[k]], "name"), kMaxExcerpt);
    }
    add(fmt::format("/spec/jobs/{}/dependsOn", cycle.front()), "the jobs wait for each other in a cycle: " + path, "take one of these dependencies out");
  }

 private:
  void add(const std::string& pointer, std::string message, std::string hint = {}) {
    Diagnostic d;
    d.pointer = base_ + pointer;
    d.message = std::move(message);
    d.hint = std::move(hint);
    problems_.push_back(std::move(d));
  }

  void names(const Json& list) {
    for (std::size_t i = 0; i < list.size(); ++i) {
      const std::string at = fmt::format("/spec/jobs/{}", i);
      const Json* value = member(list[i], "name");
      if (value == nullptr) {
        if (list[i].is_object()) add(at, "the field \"name\" is required");
        continue;
      }
      const std::string* name = value->get_ptr<const std::string*>();
      if (name == nullptr) continue;
      if (!is_label(*name))
        add(at + "/name", in_quotes(*name) + " is not the name of a job", "lower-case letters, digits and '-', at most 63, a letter or digit at both ends");
      const auto [first, fresh] = index_.emplace(*name, i);
      if (fresh)
        candidates_.push_back(*name);
      else
        add(at + "/name", fmt::format("there are two jobs {}", in_quotes(*name)), fmt::format("the other is /spec/jobs/{}", first->second));
    }
  }

  void dependencies(std::size_t i, const Json& job, std::vector<DagEdge>& edges) {
    const Json* list = member(job, "dependsOn");
    if (list == nullptr || !list->is_array()) return;
    std::vector<std::size_t> seen;
    for (std::size_t k = 0; k < list->size(); ++k) {
      const std::string at = fmt::format("/spec/jobs/{}/dependsOn/{}", i, k);
      const std::optional<std::size_t> before = dependency((*list)[k], at);
      if (!before) continue;
      if (std::find(seen.begin(), seen.end(), *before) != seen.end()) add(at, fmt::format("the job {} is named twice", in_quotes(*text_at(list_[*before], "name"))));
      seen.push_back(*before);
      edges.push_back({*before, i});
    }
  }

  /// A name, or {job, condition}.
  std::optional<std::size_t> dependency(const Json& value, const std::string& at) {
    if (const auto* name = value.get_ptr<const std::string*>()) return find(*name, at);
    if (!value.is_object()) {
      add(at, fmt::format("expected the name of a job or an object with \"job\", got {}", value.type_name()));
      return std::nullopt;
    }
    std::optional<std::size_t> out;
    for (const auto& [key, v] : value.items()) {
      std::string pointer = at;
      detail::append_token(pointer, key);
      if (key != "job" && key != "condition") {
        constexpr std::array<std::string_view, 2> kFields = {"condition", "job"};
        const std::string_view meant = closest_match(key, kFields);
        add(pointer, "unknown field " + in_quotes(key), meant.empty() ? "a dependency has the fields job and condition" : fmt::format("did you mean \"{}\"?", meant));
        continue;
      }
      const auto* text = v.get_ptr<const std::string*>();
      if (text == nullptr) {
        add(pointer, fmt::format("expected string, got {}", v.type_name()));
      } else if (key == "job") {
        out = find(*text, pointer);
      } else if (!condition_of(*text)) {
        const std::string_view meant = closest_match(*text, kDependencyConditions);
        add(pointer, in_quotes(*text) + " is not a condition", meant.empty() ? "one of success, failure, always" : fmt::format("did you mean \"{}\"?", meant));
      }
    }
    if (!value.contains("job")) add(at, "the field \"job\" is required");
    return out;
  }

  std::optional<std::size_t> find(const std::string& name, const std::string& at) {
    const auto it = index_.find(name);
    if (it != index_.end()) return it->second;
    const std::vector<std::string_view> words(candidates_.begin(), candidates_.end());
    const std::string_view meant = closest_match(name, words);
    add(at, fmt::format("there is no job {}", in_quotes(name)), meant.empty() ? "dependencies name jobs of the same workflow" : fmt::format("did you mean \"{}\"?", meant));
    return std::nullopt;
  }

  const Json& list_;
  const std::string& base_;
  Diagnostics& problems_;
  std::map<std::string, std::size_t, std::less<>> index_;
  std::vector<std::string> candidates_;
};

}  // namespace

WorkflowPlan workflow_plan(const Json& spec) {
  WorkflowPlan out;
  const Json* list = member(spec, "jobs");
  if (list == nullptr || !list->is_array()) return out;
  std::map<std::string, std::size_t, std::less<>> index;
  for (const Json& job : *list) {
    const std::string* name = text_at(job, "name");
    out.jobs.push_back({name != nullptr ? *name : std::string{}, {}});
    index.emplace(out.jobs.back().name, out.jobs.size() - 1);
  }
  for (std::size_t i = 0; i < out.jobs.size(); ++i) {
    const Json* depends = member((*list)[i], "dependsOn");
    if (depends == nullptr || !depends->is_array()) continue;
    for (const Json& d : *depends) {
      const std::string* name = d.is_string() ? d.get_ptr<const std::string*>() : text_at(d, "job");
      const std::string* word = text_at(d, "condition");
      const auto before = name != nullptr ? index.find(*name) : index.end();
      if (before == index.end()) continue;
      out.jobs[i].depends_on.push_back({before->second, word != nullptr ? condition_of(*word).value_or(DependencyCondition::success) : DependencyCondition::success});
      out.edges.push_back({before->second, i});
    }
  }
  out.order = topological_order(out.jobs.size(), out.edges);
  return out;
}

void check_workflow(const Json& workflow, const std::string& pointer, Diagnostics& problems) {
  const Json* spec = member(workflow, "spec");
  const Json* jobs = spec != nullptr ? member(*spec, "jobs") : nullptr;
  if (jobs == nullptr) {
    if (spec != nullptr && !spec->is_object()) return;
    Diagnostic d;
    d.pointer = pointer + (spec != nullptr ? "/spec" : "");
    d.message = fmt::format("the field \"{}\" is required", spec != nullptr ? "jobs" : "spec");
    problems.push_back(std::move(d));
    return;
  }
  if (!jobs->is_array()) return;
  Check(*jobs, pointer, problems).run();
}

}  // namespace orrery
