#include "orrery/analysis/dag.hpp"

#include <algorithm>
#include <functional>
#include <queue>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/depth_first_search.hpp>
#include <boost/graph/topological_sort.hpp>

namespace orrery {

namespace {

using Graph = boost::adjacency_list<boost::vecS, boost::vecS, boost::bidirectionalS>;

Graph graph_of(std::size_t nodes, const std::vector<DagEdge>& edges) {
  Graph g(nodes);
  for (const DagEdge& e : edges) boost::add_edge(e.from, e.to, g);
  return g;
}

/// Keeps the path of the walk; the first edge back into it closes a cycle.
class CycleVisitor : public boost::default_dfs_visitor {
 public:
  explicit CycleVisitor(std::vector<std::size_t>& path, std::vector<std::size_t>& cycle) : path_(path), cycle_(cycle) {}
  void discover_vertex(std::size_t v, const Graph&) { path_.push_back(v); }
  void finish_vertex(std::size_t, const Graph&) { path_.pop_back(); }
  void back_edge(const Graph::edge_descriptor& e, const Graph& g) {
    if (!cycle_.empty()) return;
    const std::size_t target = boost::target(e, g);
    cycle_.assign(std::find(path_.begin(), path_.end(), target), path_.end());
    cycle_.push_back(target);
  }

 private:
  std::vector<std::size_t>& path_;
  std::vector<std::size_t>& cycle_;
};

}  // namespace

std::vector<std::size_t> find_cycle(std::size_t nodes, const std::vector<DagEdge>& edges) {
  const Graph g = graph_of(nodes, edges);
  std::vector<std::size_t> path, cycle;
  boost::depth_first_search(g, boost::visitor(CycleVisitor(path, cycle)));
  return cycle;
}

std::vector<std::size_t> topological_order(std::size_t nodes, const std::vector<DagEdge>& edges) {
  // boost::topological_sort gives some order; the one with the least numbers first is the one a reader expects.
  const Graph g = graph_of(nodes, edges);
  std::vector<std::size_t> open(nodes), order;
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t v = 0; v < nodes; ++v) {
    open[v] = boost::in_degree(v, g);
    if (open[v] == 0) ready.push(v);
  }
  while (!ready.empty()) {
    const std::size_t v = ready.top();
    ready.pop();
    order.push_back(v);
    for (auto [e, end] = boost::out_edges(v, g); e != end; ++e)
      if (--open[boost::target(*e, g)] == 0) ready.push(boost::target(*e, g));
  }
  if (order.size() != nodes) order.clear();
  return order;
}

CriticalPath critical_path(const std::vector<Duration>& spans, const std::vector<DagEdge>& edges) {
  CriticalPath out;
  const std::size_t nodes = spans.size();
  const Graph g = graph_of(nodes, edges);
  std::vector<std::size_t> backwards;
  try {
    boost::topological_sort(g, std::back_inserter(backwards));
  } catch (const boost::not_a_dag&) {
    return out;
  }
  if (nodes == 0) return out;
  const auto ends = [&](std::size_t v) { return out.start[v] + spans[v]; };
  out.start.assign(nodes, Duration{});
  for (auto v = backwards.rbegin(); v != backwards.rend(); ++v) {
    for (auto [e, end] = boost::in_edges(*v, g); e != end; ++e) out.start[*v] = std::max(out.start[*v], ends(boost::source(*e, g)));
    out.length = std::max(out.length, ends(*v));
  }
  // The latest end that delays nobody, from the last node to the first.
  std::vector<Duration> latest(nodes, out.length);
  for (const std::size_t v : backwards)
    for (auto [e, end] = boost::out_edges(v, g); e != end; ++e) {
      const std::size_t next = boost::target(*e, g);
      latest[v] = std::min(latest[v], latest[next] - spans[next]);
    }
  out.slack.resize(nodes);
  for (std::size_t v = 0; v < nodes; ++v) out.slack[v] = latest[v] - ends(v);
  // Back from the first node that ends last, always over the node that was waited for.
  std::size_t v = 0;
  while (ends(v) != out.length) ++v;
  for (bool more = true; more;) {
    out.nodes.push_back(v);
    more = false;
    std::size_t before = nodes;
    for (auto [e, end] = boost::in_edges(v, g); e != end; ++e) {
      const std::size_t u = boost::source(*e, g);
      if (ends(u) == out.start[v] && u < before) before = u;
    }
    if (before < nodes) {
      v = before;
      more = true;
    }
  }
  std::reverse(out.nodes.begin(), out.nodes.end());
  return out;
}

}  // namespace orrery
