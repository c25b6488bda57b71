#include <doctest/doctest.h>

#include "orrery/analysis/dag.hpp"
#include "orrery/core/random.hpp"

using namespace orrery;
using namespace std::chrono_literals;

namespace {
using Nodes = std::vector<std::size_t>;
}

TEST_CASE("cycles: the path, the first node repeated at its end") {
  struct Row {
    std::size_t nodes;
    std::vector<DagEdge> edges;
    Nodes cycle;
  };
  const Row rows[] = {
      {0, {}, {}},
      {1, {{0, 0}}, {0, 0}},
      {3, {{0, 1}, {1, 2}, {2, 0}}, {0, 1, 2, 0}},
      {4, {{0, 1}, {1, 2}, {2, 3}}, {}},
      {4, {{0, 1}, {0, 2}, {1, 3}, {2, 3}}, {}},
      {5, {{0, 1}, {3, 4}, {4, 3}}, {3, 4, 3}},
      {5, {{0, 1}, {1, 2}, {2, 1}, {3, 4}, {4, 3}}, {1, 2, 1}},
  };
  for (const Row& r : rows) {
    CHECK(find_cycle(r.nodes, r.edges) == r.cycle);
    CHECK(topological_order(r.nodes, r.edges).empty() == (!r.cycle.empty() || r.nodes == 0));
  }
}

TEST_CASE("a chain of a million nodes needs no stack") {
  constexpr std::size_t kNodes = 1'000'000;
  std::vector<DagEdge> edges;
  for (std::size_t i = 0; i + 1 < kNodes; ++i) edges.push_back({i, i + 1});
  CHECK(find_cycle(kNodes, edges).empty());
  CHECK(topological_order(kNodes, edges).size() == kNodes);
  CHECK(critical_path(std::vector<Duration>(kNodes, 1ns), edges).length == Duration(kNodes));
  edges.push_back({kNodes - 1, 0});
  CHECK(find_cycle(kNodes, edges).size() == kNodes + 1);
}

TEST_CASE("topological order: of those that may come next, the least") {
  CHECK(topological_order(4, {{3, 0}, {2, 1}}) == Nodes{2, 1, 3, 0});
  CHECK(topological_order(5, {{0, 4}, {4, 1}}) == Nodes{0, 2, 3, 4, 1});
}

TEST_CASE("critical path: starts, slack, the longest chain") {
  // 0 -> {1, 2} -> 3, and 4 alone.
  const CriticalPath p = critical_path({10s, 5s, 20s, 1s, 3s}, {{0, 1}, {0, 2}, {1, 3}, {2, 3}});
  CHECK(p.nodes == Nodes{0, 2, 3});
  CHECK(p.length == 31s);
  CHECK(p.start == std::vector<Duration>{0s, 10s, 10s, 30s, 0s});
  CHECK(p.slack == std::vector<Duration>{0s, 15s, 0s, 0s, 28s});
  CHECK(critical_path({1s, 1s}, {{0, 1}, {1, 0}}).nodes.empty());
  CHECK(critical_path({}, {}).nodes.empty());
}

TEST_CASE("random graphs: order and slack are what they mean") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    RandomStream r(seed, purpose("test.dag"), 0);
    const std::size_t n = 1 + r.below(12);
    std::vector<DagEdge> edges;
    std::vector<Duration> spans(n);
    for (std::size_t i = 0; i < n; ++i) {
      spans[i] = std::chrono::seconds(r.below(10));
      for (std::size_t k = 0; k < i; ++k)
        if (r.below(3) == 0) edges.push_back({k, i});
    }
    const Nodes order = topological_order(n, edges);
    REQUIRE(order.size() == n);
    std::vector<std::size_t> place(n);
    for (std::size_t i = 0; i < n; ++i) place[order[i]] = i;
    for (const DagEdge& e : edges) CHECK(place[e.from] < place[e.to]);
    const CriticalPath p = critical_path(spans, edges);
    Duration sum{};
    for (const std::size_t v : p.nodes) {
      CHECK(p.slack[v] == 0s);
      sum += spans[v];
    }
    CHECK(sum == p.length);
    // A node that uses up its slack delays nothing; a second more does.
    for (std::size_t v = 0; v < n; ++v) {
      std::vector<Duration> longer = spans;
      longer[v] += p.slack[v];
      CHECK(critical_path(longer, edges).length == p.length);
      longer[v] += 1s;
      CHECK(critical_path(longer, edges).length == p.length + 1s);
    }
  }
}
