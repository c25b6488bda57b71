#include "orrery/analysis/topology.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include <boost/graph/adjacency_list.hpp>
#include <boost/graph/connected_components.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace orrery {

namespace {

/// The level that must hold a whole domain of this one; nothing holds a region.
bool held_by(DomainLevel level, DomainLevel& holder) {
  switch (level) {
    case DomainLevel::region: return false;
    case DomainLevel::zone: holder = DomainLevel::region; return true;
    case DomainLevel::rack: holder = DomainLevel::zone; return true;
    case DomainLevel::power: holder = DomainLevel::region; return true;
  }
  return false;
}

}  // namespace

Topology::Topology(const std::vector<TopologyNode>& nodes) : domains_of_(nodes.size()) {
  std::map<std::pair<DomainLevel, std::string>, std::vector<std::size_t>> found;
  for (std::size_t i = 0; i < nodes.size(); ++i)
    for (const auto& [key, value] : nodes[i].labels) {
      if (value.empty()) continue;
      for (std::size_t level = 0; level < kDomainLabels.size(); ++level)
        if (kDomainLabels[level] == key) found[{static_cast<DomainLevel>(level), value}].push_back(i);
    }
  for (auto& [key, members] : found) {
    for (const std::size_t n : members) domains_of_[n].push_back(domains_.size());
    domains_.push_back({key.first, key.second, std::move(members)});
  }
}

const FailureDomain* Topology::find(DomainLevel level, std::string_view name) const {
  const auto it = std::find_if(domains_.begin(), domains_.end(), [&](const FailureDomain& d) { return d.level == level && d.name == name; });
  return it == domains_.end() ? nullptr : &*it;
}

std::string Topology::selector(const FailureDomain& domain) {
  return fmt::format("{}={}", kDomainLabels[static_cast<std::size_t>(domain.level)], domain.name);
}

std::vector<std::size_t> Topology::shared(std::size_t a, std::size_t b) const {
  std::vector<std::size_t> out;
  std::set_intersection(domains_of_[a].begin(), domains_of_[a].end(), domains_of_[b].begin(), domains_of_[b].end(), std::back_inserter(out));
  return out;
}

std::vector<std::size_t> Topology::peers(std::size_t node, DomainLevel least_common) const {
  std::set<std::size_t> out;
  for (const std::size_t d : domains_of_[node])
    if (domains_[d].level >= least_common) out.insert(domains_[d].nodes.begin(), domains_[d].nodes.end());
  out.erase(node);
  return {out.begin(), out.end()};
}

std::vector<std::vector<std::size_t>> Topology::independent_groups(const std::vector<DomainLevel>& levels) const {
  // Nodes and domains are the vertices; whoever hangs together may fail together.
  boost::adjacency_list<boost::vecS, boost::vecS, boost::undirectedS> g(domains_of_.size() + domains_.size());
  for (std::size_t d = 0; d < domains_.size(); ++d) {
    if (std::find(levels.begin(), levels.end(), domains_[d].level) == levels.end()) continue;
    for (const std::size_t n : domains_[d].nodes) boost::add_edge(n, domains_of_.size() + d, g);
  }
  std::vector<std::size_t> component(boost::num_vertices(g));
  if (component.empty()) return {};
  boost::connected_components(g, component.data());
  std::vector<std::vector<std::size_t>> out;
  std::map<std::size_t, std::size_t> place;
  for (std::size_t n = 0; n < domains_of_.size(); ++n) {
    const auto [it, fresh] = place.try_emplace(component[n], out.size());
    if (fresh) out.emplace_back();
    out[it->second].push_back(n);
  }
  return out;
}

std::vector<std::string> Topology::nesting_problems() const {
  std::vector<std::string> out;
  for (const FailureDomain& d : domains_) {
    DomainLevel holder{};
    if (!held_by(d.level, holder)) continue;
    std::set<std::string> holders;
    for (const std::size_t n : d.nodes)
      for (const std::size_t other : domains_of_[n])
        if (domains_[other].level == holder) holders.insert(domains_[other].name);
    if (holders.size() < 2) continue;
    const auto level_name = [](DomainLevel l) { return kDomainLevels[static_cast<std::size_t>(l)]; };
    out.push_back(fmt::format("the {} {} is in {} {}s: {}", level_name(d.level), d.name, holders.size(), level_name(holder), fmt::join(holders, ", ")));
  }
  return out;
}

}  // namespace orrery
