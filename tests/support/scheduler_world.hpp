#pragma once
// A small cluster for tests of the scheduler's algorithm.
#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "scheduler/scheduler_state.hpp"

namespace orrery::test {

using nlohmann::json;

/// Index of the root of the heap that Go's container/heap makes of `totals` (S-034), by making it.
inline std::size_t by_sifting(const std::vector<std::int64_t>& totals) {
  std::vector<std::size_t> heap(totals.size());
  for (std::size_t i = 0; i < heap.size(); ++i) heap[i] = i;
  for (std::size_t start = heap.size() / 2; start-- > 0;)
    for (std::size_t i = start;;) {
      std::size_t child = 2 * i + 1;
      if (child >= heap.size()) break;
      if (child + 1 < heap.size() && totals[heap[child + 1]] > totals[heap[child]]) ++child;
      if (totals[heap[child]] <= totals[heap[i]]) break;
      std::swap(heap[i], heap[child]);
      i = child;
    }
  return heap[0];
}

struct SchedulerWorld {
  Interner names;
  SchedulerState state;
  std::uint64_t last_id = 0;

  explicit SchedulerWorld(SchedConfig config = {}) : state(names, config) {}

  static json node_json(const std::string& name, const std::string& cpu = "4", const std::string& memory = "16Gi", const json& labels = json::object()) {
    json n = {{"metadata", {{"name", name}, {"labels", labels}}}, {"spec", json::object()}, {"status", {{"allocatable", {{"cpu", cpu}, {"memory", memory}, {"pods", "110"}}}}}};
    n["metadata"]["labels"]["kubernetes.io/hostname"] = name;
    return n;
  }
  SchedNode node_of(const json& n) { return parse_sched_node(n, names); }
  void node(const json& n) { state.upsert_node(node_of(n)); }
  void nodes(int count, const std::string& cpu = "4", const std::string& memory = "16Gi") {
    for (int i = 1; i <= count; ++i) node(node_json("n" + std::to_string(i), cpu, memory));
  }

  SchedPodSpecPtr spec(const json& s, const json& labels = json::object(), const char* ns = "default") {
    return SchedPodSpecPtr(new SchedPodSpec(parse_sched_pod_spec(s, labels, ns, names)));
  }
  static json asking(const std::string& cpu, const std::string& memory, std::int64_t priority = 0) {
    json requests = json::object();
    if (!cpu.empty()) requests["cpu"] = cpu;
    if (!memory.empty()) requests["memory"] = memory;
    return {{"priority", priority}, {"containers", json::array({json{{"resources", {{"requests", requests}}}}})}};
  }
  static json pinned(json s, const std::string& node) {
    s["affinity"]["nodeAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"] =
        json::array({json{{"matchFields", json::array({json{{"key", "metadata.name"}, {"operator", "In"}, {"values", json::array({node})}}})}}});
    return s;
  }

  Symbol sym(const std::string& text) { return names.intern(text); }
  std::string text(Symbol s) const { return std::string(names.text(s)); }

  SchedPodId put(SchedPodSpecPtr s, const std::string& node, std::int64_t started_s = 0) {
    state.add_pod(++last_id, std::move(s), sym(node), from_unix_seconds(started_s));
    return last_id;
  }
  SchedResult look(const SchedPodSpecPtr& s, RandomStream* random = nullptr) { return state.schedule(*s, last_id + 1, random); }
  /// Schedules and assumes; the node's name, or "".
  std::string place(const SchedPodSpecPtr& s, std::int64_t* score = nullptr, RandomStream* random = nullptr) {
    const SchedResult r = look(s, random);
    if (score != nullptr) *score = r.score;
    if (r.node != 0) state.add_pod(++last_id, s, r.node);
    return text(r.node);
  }
  std::vector<std::string> place_all(const SchedPodSpecPtr& s, int count) {
    std::vector<std::string> out;
    for (int i = 0; i < count; ++i) out.push_back(place(s));
    return out;
  }
  std::vector<std::int64_t> totals() const {
    std::vector<std::int64_t> out;
    for (const auto& t : state.last_totals()) out.push_back(t.total);
    return out;
  }
};

}  // namespace orrery::test
