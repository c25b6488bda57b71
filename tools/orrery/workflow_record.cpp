#include "workflow_record.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "orrery/api/workflow_plan.hpp"
#include "orrery/models/workflow.hpp"

namespace orrery::cli {

using Json = nlohmann::json;

WorkflowRecord::WorkflowRecord(Simulation& sim) : sim_(sim) {
  sim.on_change([this](Duration t, const Change& c) { changed(t, c); });
}

void WorkflowRecord::changed(Duration t, const Change& change) {
  if (change.kind == Kind::workflow) {
    const std::string uid = change.object->uid().text();
    Span& own = workflows_[uid];
    if (change.type == ChangeType::added) own.begin = t;
    const Json& body = *static_cast<const GenericObject&>(*change.object).body->value;
    const auto status = body.find("status");
    if (status == body.end()) return;
    if (!own.end && status->contains("completionTime")) own.end = t;
    for (const Json& job : status->value("jobs", Json::array()))
      if (job.value("state", "") == "Skipped") {
        Span& s = jobs_[{uid, job.value("name", "")}];
        if (!s.end) s.end = t;
      }
    return;
  }
  if (change.kind != Kind::job) return;
  const OwnerReference* owner = change.object->meta.controller();
  const std::string* name = change.object->meta.label(kWorkflowJobLabel);
  if (owner == nullptr || owner->kind != kind_name(Kind::workflow) || name == nullptr) return;
  Span& s = jobs_[{owner->uid.text(), *name}];
  if (!s.begin) s.begin = t;
  if (!s.end && (change.type == ChangeType::deleted || static_cast<const Job&>(*change.object).status.finished())) s.end = t;
}

namespace {

struct Line {
  std::array<std::string, 6> cells;
};

std::string lay_out(const std::vector<Line>& lines) {
  std::array<std::size_t, 6> widths{};
  for (const Line& l : lines)
    for (std::size_t i = 0; i < l.cells.size(); ++i) widths[i] = std::max(widths[i], l.cells[i].size());
  std::string out;
  for (const Line& l : lines) {
    for (std::size_t i = 0; i + 1 < l.cells.size(); ++i) out += fmt::format("{:<{}}   ", l.cells[i], widths[i]);
    out += l.cells.back() + "\n";
  }
  return out;
}

}  // namespace

std::string WorkflowRecord::explain(std::string_view ns, std::string_view name) const {
  Cluster& cluster = sim_.cluster();
  const Object* object = cluster.store().live(Kind::workflow, cluster.symbol(ns), name);
  if (object == nullptr) return {};
  const Json& body = *static_cast<const GenericObject&>(*object).body->value;
  const std::string uid = object->uid().text();
  const WorkflowPlan plan = workflow_plan(body.value("spec", Json::object()));
  const Json status = body.value("status", Json::object());
  const Json states = status.value("jobs", Json::array());
  const Duration present = sim_.elapsed();
  const auto own = workflows_.find(uid);
  const Duration begin = own != workflows_.end() && own->second.begin ? *own->second.begin : Duration{};
  const Duration finish = own != workflows_.end() && own->second.end ? *own->second.end : present;

  const std::size_t n = plan.jobs.size();
  std::vector<Span> spans(n);
  for (std::size_t i = 0; i < n; ++i)
    if (const auto it = jobs_.find({uid, plan.jobs[i].name}); it != jobs_.end()) spans[i] = it->second;
  // A job takes from the instant at which the last of those before it has ended, so that what the controllers need between two
  // jobs is part of the chain. What has not begun is no part of it.
  std::vector<DagEdge> edges;
  std::vector<Duration> took(n);
  for (std::size_t i = 0; i < n; ++i) {
    const bool counts = spans[i].begin || spans[i].end;
    if (!counts) continue;
    const Duration end = spans[i].end.value_or(present);
    Duration ready = begin;
    for (const WorkflowDependency& d : plan.jobs[i].depends_on)
      if (spans[d.job].end && *spans[d.job].end <= end) {
        edges.push_back({d.job, i});
        ready = std::max(ready, *spans[d.job].end);
      }
    took[i] = end - ready;
  }
  const CriticalPath path = critical_path(took, edges);

  std::string out = fmt::format("workflow/{}: {}, {} of {} jobs at an end, {} since its creation\n", name, status.value("phase", "Pending"),
                                status.value("succeeded", 0) + status.value("failed", 0) + status.value("skipped", 0), n, format_go_duration(finish - begin));
  std::string chain;
  Duration in_jobs{};
  std::vector<char> critical(n, 0);
  for (const std::size_t i : path.nodes) {
    if (!spans[i].begin) continue;
    critical[i] = 1;
    chain += (chain.empty() ? "" : " → ") + plan.jobs[i].name;
    in_jobs += spans[i].end.value_or(present) - *spans[i].begin;
  }
  if (!chain.empty()) out += fmt::format("critical path: {}: {}, {} of it in jobs\n", chain, format_go_duration(path.length), format_go_duration(in_jobs));
  out += "\n";
  std::vector<Line> lines{{{"", "JOB", "STATE", "START", "DURATION", "SLACK"}}};
  for (const std::size_t i : plan.order) {
    const Span& s = spans[i];
    Line l{{critical[i] != 0 ? "*" : "", plan.jobs[i].name, i < states.size() ? states[i].value("state", "") : "Waiting", "-", "-", "-"}};
    if (s.begin) {
      l.cells[3] = format_go_duration(*s.begin);
      l.cells[4] = format_go_duration(s.end.value_or(present) - *s.begin);
      l.cells[5] = format_go_duration(path.slack[i]);
    }
    lines.push_back(std::move(l));
  }
  return out + lay_out(lines);
}

}  // namespace orrery::cli
