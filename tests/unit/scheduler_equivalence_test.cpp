// The scheduler's bookkeeping against a plain recomputation from the list of all pods, on random clusters.
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include <fmt/format.h>

#include "orrery/core/math.hpp"
#include "support/scheduler_world.hpp"

using namespace orrery;
using namespace orrery::test;
using World = SchedulerWorld;

namespace {

struct Running {
  SchedPodSpecPtr spec;
  std::string node;
  bool terminating = false;
};

/// Everything by looking at every pod, as written in the rules.
struct Plain {
  World& w;
  std::vector<std::string> order;         ///< nodes in snapshot order
  std::map<std::string, SchedNode> nodes;
  std::map<SchedPodId, Running> pods;

  std::string label(const std::string& node, Symbol key, bool& has) const {
    const SchedLabel* l = nodes.at(node).labels.find(key);
    has = l != nullptr;
    return l == nullptr ? "" : w.text(l->value);
  }
  bool same_domain(const std::string& a, const std::string& b, Symbol key) const {
    bool x = false, y = false;
    return nodes.contains(b) && label(a, key, x) == label(b, key, y) && x && y;
  }
  static bool in_namespace(const SchedPodTerm& t, Symbol ns) { return std::find(t.namespaces.begin(), t.namespaces.end(), ns) != t.namespaces.end(); }
  static bool selects(const SchedPodTerm& t, const SchedPodSpec& p) { return in_namespace(t, p.ns) && t.selector.matches(p.labels); }

  std::int64_t used(const std::string& node, std::int64_t SchedResources::*what) const {
    std::int64_t sum = 0;
    for (const auto& [id, p] : pods)
      if (p.node == node) sum += p.spec->requests.*what;
    return sum;
  }
  std::int64_t on(const std::string& node) const {
    return std::count_if(pods.begin(), pods.end(), [&](const auto& p) { return p.second.node == node; });
  }
  bool has_keys(const SchedPodSpec& pod, const std::string& node, bool hard) const {
    return std::all_of(pod.spread.begin(), pod.spread.end(), [&](const SchedSpread& c) { return c.hard != hard || nodes.at(node).labels.find(c.topology_key) != nullptr; });
  }
  bool counted(const SchedPodSpec& pod, const SchedSpread& c, const std::string& node) const {
    const SchedNode& n = nodes.at(node);
    return has_keys(pod, node, c.hard) && (!c.honor_affinity || pod.node_matches(n.labels, n.name)) && (!c.honor_taints || untolerated(n.taints, pod.tolerations) == nullptr);
  }
  std::int64_t matching(const SchedPodSpec& pod, const SchedSpread& c, const std::string& node) const {
    std::int64_t out = 0;
    for (const auto& [id, p] : pods) out += p.node == node && p.spec->ns == pod.ns && !p.terminating && !c.selector.empty() && c.selector.matches(p.spec->labels);
    return out;
  }

  std::vector<std::string> refuse(const SchedPodSpec& pod, const std::string& node) const {
    const SchedNode& n = nodes.at(node);
    if (n.unschedulable && !pod.tolerates_cordon) return {"node(s) were unschedulable"};
    if (untolerated(n.taints, pod.tolerations) != nullptr) return {"node(s) had untolerated taint(s)"};
    if (!pod.node_matches(n.labels, n.name)) return {"node(s) didn't match Pod's node affinity/selector"};
    for (const auto& [id, p] : pods)
      if (p.node == node)
        for (const SchedPort& a : p.spec->ports)
          for (const SchedPort& b : pod.ports)
            if (a.conflicts(b)) return {"node(s) didn't have free ports for the requested pod ports"};
    std::vector<std::string> out;
    if (on(node) + 1 > n.pods_max) out.push_back("Too many pods");
    if (pod.requests.milli_cpu > 0 && pod.requests.milli_cpu > n.allocatable.milli_cpu - used(node, &SchedResources::milli_cpu)) out.push_back("Insufficient cpu");
    if (pod.requests.memory > 0 && pod.requests.memory > n.allocatable.memory - used(node, &SchedResources::memory)) out.push_back("Insufficient memory");
    if (!out.empty()) return out;
    for (const SchedSpread& c : pod.spread) {
      if (!c.hard) continue;
      bool has = false;
      const std::string here = label(node, c.topology_key, has);
      if (!has) return {"node(s) didn't match pod topology spread constraints (missing required label)"};
      std::map<std::string, std::int64_t> domains;
      for (const std::string& other : order)
        if (counted(pod, c, other)) domains[label(other, c.topology_key, has)] += matching(pod, c, other);
      std::int64_t least = INT32_MAX;
      for (const auto& [value, count] : domains) least = std::min(least, count);
      if (static_cast<std::int64_t>(domains.size()) < c.min_domains) least = 0;
      const std::int64_t count = domains.contains(here) ? domains[here] : 0;
      if (count + (c.selector.matches(pod.labels) ? 1 : 0) - least > c.max_skew) return {"node(s) didn't match pod topology spread constraints"};
    }
    auto joins = [&](const SchedPodSpec& p) { return std::all_of(pod.affinity.begin(), pod.affinity.end(), [&](const SchedPodTerm& t) { return selects(t, p); }); };
    bool met = true, lonely = true;
    for (const SchedPodTerm& t : pod.affinity) {
      bool has = false, found = false;
      (void)label(node, t.topology_key, has);
      if (!has) return {"node(s) didn't match pod affinity rules"};
      for (const auto& [id, p] : pods) {
        if (!joins(*p.spec) || !nodes.contains(p.node)) continue;
        bool placed_in_domain = false;
        (void)label(p.node, t.topology_key, placed_in_domain);
        lonely = lonely && !placed_in_domain;
        found = found || same_domain(node, p.node, t.topology_key);
      }
      met = met && found;
    }
    if (!met && !(lonely && joins(pod))) return {"node(s) didn't match pod affinity rules"};
    for (const SchedPodTerm& t : pod.anti_affinity)
      for (const auto& [id, p] : pods)
        if (selects(t, *p.spec) && same_domain(node, p.node, t.topology_key)) return {"node(s) didn't match pod anti-affinity rules"};
    for (const auto& [id, p] : pods)
      for (const SchedPodTerm& t : p.spec->anti_affinity)
        if (selects(t, pod) && same_domain(node, p.node, t.topology_key)) return {"node(s) didn't satisfy existing pods anti-affinity rules"};
    return {};
  }

  static std::int64_t balance(std::int64_t cpu, std::int64_t memory, const SchedNode& n) {
    const double a = std::min(1.0, static_cast<double>(cpu) / static_cast<double>(n.allocatable.milli_cpu)), b = std::min(1.0, static_cast<double>(memory) / static_cast<double>(n.allocatable.memory));
    return static_cast<std::int64_t>((1 - std::abs((a - b) / 2)) * 100);
  }

  std::vector<std::int64_t> totals(const SchedPodSpec& pod, const std::vector<std::string>& feasible) const {
    std::vector<std::int64_t> out, taints, affinity, spread, terms;
    bool any_spread = false, any_terms = false;
    for (const std::string& node : feasible) {
      const SchedNode& n = nodes.at(node);
      std::int64_t cpu = pod.scored_milli_cpu, memory = pod.scored_memory;
      for (const auto& [id, p] : pods)
        if (p.node == node) {
          cpu += p.spec->scored_milli_cpu;
          memory += p.spec->scored_memory;
        }
      auto left = [](std::int64_t want, std::int64_t have) { return want > have ? 0 : (have - want) * 100 / have; };
      std::int64_t total = (left(cpu, n.allocatable.milli_cpu) + left(memory, n.allocatable.memory)) / 2;
      const std::int64_t real_cpu = used(node, &SchedResources::milli_cpu), real_memory = used(node, &SchedResources::memory);
      if (pod.requests.milli_cpu != 0 || pod.requests.memory != 0)
        total += 50 + (50 + balance(real_cpu + pod.requests.milli_cpu, real_memory + pod.requests.memory, n) - balance(real_cpu, real_memory, n)) / 2;
      out.push_back(total);
      taints.push_back(std::count_if(n.taints.begin(), n.taints.end(), [&](const SchedTaint& t) { return t.effect == SchedEffect::prefer_no_schedule && !tolerated(t, pod.tolerations); }));
      affinity.push_back(0);
      for (const auto& p : pod.preferred) affinity.back() += p.term.matches(n.labels, n.name) ? p.weight : 0;

      double sum = 0;
      for (const SchedSpread& c : pod.spread) {
        if (c.hard) continue;
        any_spread = true;
        bool has = false;
        const std::string here = label(node, c.topology_key, has);
        std::map<std::string, int> domains;
        std::int64_t usable = 0, count = 0;
        for (const std::string& f : feasible)
          if (has_keys(pod, f, false)) {
            ++usable;
            ++domains[label(f, c.topology_key, has)];
          }
        const bool host = w.text(c.topology_key) == "kubernetes.io/hostname";
        for (const std::string& other : order)
          if (host ? other == node : counted(pod, c, other) && label(other, c.topology_key, has) == here) count += matching(pod, c, other);
        sum += static_cast<double>(count) * portable_log(static_cast<double>(host ? usable : static_cast<std::int64_t>(domains.size())) + 2) + static_cast<double>(c.max_skew - 1);
      }
      spread.push_back(has_keys(pod, node, false) ? std::llround(sum) : -1);

      terms.push_back(0);
      for (const auto& entry : pods) {
        const Running& p = entry.second;
        if (!nodes.contains(p.node)) continue;
        auto count = [&](const SchedPodTerm& t, bool applies, std::int64_t weight) {
          if (!applies || nodes.at(p.node).labels.find(t.topology_key) == nullptr) return;
          any_terms = true;
          if (same_domain(node, p.node, t.topology_key)) terms.back() += weight;
        };
        for (const SchedPodTerm& t : pod.preferred_pods) count(t, selects(t, *p.spec), t.weight);
        for (const SchedPodTerm& t : p.spec->affinity) count(t, selects(t, pod), 1);
        for (const SchedPodTerm& t : p.spec->preferred_pods) count(t, selects(t, pod), t.weight);
      }
    }
    const std::int64_t most_taints = *std::max_element(taints.begin(), taints.end()), most_affinity = *std::max_element(affinity.begin(), affinity.end());
    std::int64_t least_spread = INT64_MAX, most_spread = 0;
    for (std::int64_t s : spread)
      if (s >= 0) {
        least_spread = std::min(least_spread, s);
        most_spread = std::max(most_spread, s);
      }
    const auto [least_terms, most_terms] = std::minmax_element(terms.begin(), terms.end());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] += 3 * (most_taints == 0 ? 100 : 100 - 100 * taints[i] / most_taints);
      if (most_affinity > 0) out[i] += 2 * (100 * affinity[i] / most_affinity);
      if (any_spread && spread[i] >= 0) out[i] += 2 * (most_spread == 0 ? 100 : 100 * (most_spread + least_spread - spread[i]) / most_spread);
      if (any_terms && *most_terms > *least_terms)
        out[i] += 2 * static_cast<std::int64_t>(100.0 * (static_cast<double>(terms[i] - *least_terms) / static_cast<double>(*most_terms - *least_terms)));
    }
    return out;
  }

  std::string message(const SchedPodSpec& pod) const {
    std::map<std::string, int> counts;
    for (const std::string& node : order)
      for (const std::string& reason : refuse(pod, node)) ++counts[reason];
    std::vector<std::string> parts;
    for (const auto& [reason, n] : counts) parts.push_back(fmt::format("{} {}", n, reason));
    std::sort(parts.begin(), parts.end());
    return fmt::format("0/{} nodes are available: {}.", order.size(), fmt::join(parts, ", "));
  }
};

json random_pod(RandomStream& r) {
  auto one_of = [&](std::initializer_list<const char*> list) { return std::string(*(list.begin() + r.below(list.size()))); };
  auto selector = [&] { return r.below(10) == 0 ? json::object() : json{{"matchLabels", {{"app", one_of({"a", "b", "c"})}}}}; };
  auto key = [&] { return one_of({"zone", "rack", "kubernetes.io/hostname"}); };
  auto term = [&] { return json{{"topologyKey", key()}, {"labelSelector", selector()}}; };
  // One draw per statement: the order in which arguments are evaluated differs between compilers.
  const std::string cpu = one_of({"", "100m", "300m", "700m"});
  json s = World::asking(cpu, one_of({"", "128Mi", "1Gi"}));
  if (r.below(8) == 0) s["containers"][0]["ports"] = json::array({json{{"hostPort", 80 + r.below(2)}}});
  if (r.below(4) == 0) s["tolerations"] = json::array({json{{"key", "k"}, {"operator", "Exists"}}});
  if (r.below(6) == 0) s["nodeSelector"] = {{"disk", "ssd"}};
  if (r.below(5) == 0) s["affinity"]["nodeAffinity"]["preferredDuringSchedulingIgnoredDuringExecution"] =
      json::array({json{{"weight", 1 + r.below(50)}, {"preference", {{"matchExpressions", json::array({json{{"key", "zone"}, {"operator", "In"}, {"values", json::array({"z1"})}}})}}}}});
  for (const char* kind : {"podAffinity", "podAntiAffinity"}) {
    if (r.below(8) == 0) s["affinity"][kind]["requiredDuringSchedulingIgnoredDuringExecution"].push_back(term());
    if (r.below(6) == 0) s["affinity"][kind]["preferredDuringSchedulingIgnoredDuringExecution"].push_back({{"weight", 1 + r.below(100)}, {"podAffinityTerm", term()}});
  }
  for (int i = 0; i < 2; ++i)
    if (r.below(5) == 0)
      s["topologySpreadConstraints"].push_back({{"maxSkew", 1 + r.below(3)}, {"topologyKey", key()}, {"whenUnsatisfiable", one_of({"DoNotSchedule", "ScheduleAnyway"})}, {"labelSelector", selector()},
                                                {"nodeAffinityPolicy", one_of({"Honor", "Ignore"})}, {"nodeTaintsPolicy", one_of({"Honor", "Ignore"})}});
  return s;
}

json random_node(RandomStream& r, const std::string& name) {
  json labels = json::object();
  if (r.below(5) != 0) labels["zone"] = "z" + std::to_string(r.below(3));
  if (r.below(3) != 0) labels["rack"] = "r" + std::to_string(r.below(4));
  if (r.below(2) == 0) labels["disk"] = "ssd";
  const std::string cpu = std::to_string(1 + r.below(3));
  json n = World::node_json(name, cpu, std::to_string(2 + r.below(4)) + "Gi", labels);
  n["status"]["allocatable"]["pods"] = 12;
  if (r.below(6) == 0) n["spec"]["taints"].push_back({{"key", "k"}, {"effect", "NoSchedule"}});
  if (r.below(4) == 0) n["spec"]["taints"].push_back({{"key", "p"}, {"effect", "PreferNoSchedule"}});
  if (r.below(12) == 0) n["spec"]["unschedulable"] = true;
  return n;
}

}  // namespace

TEST_CASE("same choice, totals and message as a plain recomputation (S-030 … S-045, S-061)") {
  int placed = 0, rejected = 0, scored = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    RandomStream r(seed, purpose("equivalence"), 0);
    World w({.tie_break = SchedConfig::TieBreak::first});
    Plain plain{w, {}, {}, {}};
    auto set_node = [&](const std::string& name) {
      const SchedNode n = w.node_of(random_node(r, name));
      if (!plain.nodes.contains(name)) plain.order.push_back(name);
      plain.nodes[name] = n;
      w.state.upsert_node(n);
    };
    for (std::uint64_t i = 0, n = 2 + r.below(10); i < n; ++i) set_node("n" + std::to_string(i));
    std::vector<SchedPodSpecPtr> specs;
    for (int i = 0; i < 10; ++i) {
      const json pod = random_pod(r), labels = {{"app", std::string(1, static_cast<char>('a' + r.below(3)))}};
      specs.push_back(w.spec(pod, labels, r.below(5) == 0 ? "other" : "default"));
    }
    for (int step = 0; step < 150; ++step) {
      switch (r.below(10)) {
        case 0: {
          const std::string name = "n" + std::to_string(r.below(14));
          if (r.below(3) == 0 && plain.order.size() > 1 && plain.nodes.contains(name)) {
            w.state.remove_node(w.sym(name));
            std::erase(plain.order, name);
            plain.nodes.erase(name);
          } else {
            set_node(name);
          }
          break;
        }
        case 1:
        case 2:
          if (!plain.pods.empty()) {
            auto it = plain.pods.begin();
            std::advance(it, static_cast<std::ptrdiff_t>(r.below(plain.pods.size())));
            if (r.below(3) == 0) {
              it->second.terminating = true;
              w.state.set_terminating(it->first, false);
            } else {
              w.state.remove_pod(it->first);
              plain.pods.erase(it);
            }
          }
          break;
        default: {
          const SchedPodSpecPtr& s = specs[r.below(specs.size())];
          std::vector<std::string> feasible;
          const std::size_t start = w.state.next_start() % plain.order.size();
          for (std::size_t i = 0; i < plain.order.size(); ++i) {
            const std::string& name = plain.order[(start + i) % plain.order.size()];
            if (plain.refuse(*s, name).empty()) feasible.push_back(name);
          }
          const SchedResult out = w.look(s);
          INFO("seed " << seed << " step " << step);
          REQUIRE(out.feasible == feasible.size());
          if (feasible.empty()) {
            ++rejected;
            const std::string expected = plain.message(*s);
            REQUIRE(out.message.substr(0, expected.size()) == expected);
            break;
          }
          std::string expected = feasible[0];
          if (feasible.size() > 1) {
            const auto totals = plain.totals(*s, feasible);
            REQUIRE(w.totals() == totals);
            expected = feasible[static_cast<std::size_t>(std::max_element(totals.begin(), totals.end()) - totals.begin())];
            ++scored;
          }
          REQUIRE(w.text(out.node) == expected);
          w.state.add_pod(++w.last_id, s, out.node);
          plain.pods[w.last_id] = {s, expected, false};
          ++placed;
        }
      }
    }
  }
  MESSAGE(placed << " placed, " << scored << " scored, " << rejected << " rejected");
  CHECK(scored > 1000);
  CHECK(rejected > 500);
}

TEST_CASE("many nodes and equal pods: the same node as filtering, scoring and sifting a heap from scratch (S-022, S-023, S-026, S-034)") {
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const bool by_ring = seed >= 4;  // nothing that counts but the load of each node
    RandomStream r(seed, purpose("equivalence.large"), 0);
    World w;
    Plain plain{w, {}, {}, {}};
    auto set_node = [&](const std::string& name) {
      SchedNode n = w.node_of(random_node(r, name));
      if (by_ring) std::erase_if(n.taints, [](const SchedTaint& t) { return t.effect == SchedEffect::prefer_no_schedule; });
      if (!plain.nodes.contains(name)) plain.order.push_back(name);
      plain.nodes[name] = n;
      w.state.upsert_node(n);
    };
    for (std::uint64_t i = 0, n = 90 + r.below(80); i < n; ++i) set_node("n" + std::to_string(i));
    std::vector<SchedPodSpecPtr> specs;
    for (int i = 0; i < 3; ++i) {
      json s = World::asking(i == 0 ? "100m" : "300m", "128Mi");
      if (i == 2) s["tolerations"] = json::array({json{{"key", "p"}, {"operator", "Exists"}}});
      specs.push_back(w.spec(s, {{"app", "a"}}));
      specs.push_back(w.spec(s, {{"app", "b"}}));  // the same but for its labels
    }
    for (int step = 0; step < 250; ++step) {
      if (r.below(12) == 0) set_node("n" + std::to_string(r.below(plain.order.size() + 1)));
      if (r.below(4) == 0 && !plain.pods.empty()) {
        w.state.remove_pod(plain.pods.begin()->first);
        plain.pods.erase(plain.pods.begin());
      }
      const SchedPodSpecPtr& s = specs[r.below(specs.size())];
      const auto wanted = static_cast<std::size_t>(sched_nodes_to_find(static_cast<std::int64_t>(plain.order.size()), 0));
      std::vector<std::string> feasible;
      const std::size_t start = w.state.next_start() % plain.order.size();
      for (std::size_t i = 0; i < plain.order.size() && feasible.size() < wanted; ++i)
        if (const std::string& name = plain.order[(start + i) % plain.order.size()]; plain.refuse(*s, name).empty()) feasible.push_back(name);
      const SchedResult out = w.look(s);
      INFO("seed " << seed << " step " << step);
      REQUIRE(out.feasible == feasible.size());
      REQUIRE(feasible.size() > 1);
      const auto totals = plain.totals(*s, feasible);
      REQUIRE(w.totals() == totals);
      REQUIRE(w.text(out.node) == feasible[by_sifting(totals)]);
      w.state.add_pod(++w.last_id, s, out.node);
      plain.pods[w.last_id] = {s, w.text(out.node), false};
    }
  }
}

TEST_CASE("the root of the heap, found by walking it or by comparing ways (S-034)") {
  RandomStream r(1, purpose("equivalence.ring"), 0);
  for (int round = 0; round < 3000; ++round) {
    const std::size_t n = 1 + r.below(round % 2 == 0 ? 40 : 900);
    const std::uint64_t values = 1 + r.below(round % 3 == 0 ? 3 : 200);
    ScoreRing ring;
    ring.reset(n);
    const std::uint64_t fit_of_ten = r.below(11);  // here and there whole stretches are full
    for (std::size_t i = 0; i < n; ++i) ring.set(i, round % 4 == 0 && (r.below(10) >= fit_of_ten || (i / 150) % 2 == 1) ? ScoreRing::kMisfit : static_cast<std::int16_t>(r.below(values)));
    // Values change as pods come and go.
    for (std::size_t i = 0; i < n / 2; ++i) ring.set(r.below(n), r.below(5) == 0 && round % 4 == 0 ? ScoreRing::kMisfit : static_cast<std::int16_t>(r.below(values)));
    const std::size_t start = r.below(n), wanted = 1 + r.below(n + 10);
    std::vector<std::int64_t> totals;
    std::vector<std::size_t> positions;
    std::size_t visited = 0;
    for (; visited < n && totals.size() < wanted; ++visited) {
      const std::size_t position = (start + visited) % n;
      if (ring.at(position) < 0) continue;
      totals.push_back(ring.at(position));
      positions.push_back(position);
    }
    std::vector<ScoreRing::Piece> visited_pieces;
    const ScoreRing::Pick pick = ring.pick(start, wanted, visited_pieces);
    INFO("round " << round);
    REQUIRE(pick.evaluated == visited);
    REQUIRE(pick.feasible == totals.size());
    if (totals.empty()) continue;
    const std::size_t root = sched_heap_root(totals);
    REQUIRE(pick.position == positions[root]);
    REQUIRE(pick.total == totals[root]);
  }
}
