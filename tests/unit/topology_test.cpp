#include <doctest/doctest.h>

#include <fmt/format.h>

#include "orrery/analysis/topology.hpp"

using namespace orrery;

namespace {

TopologyNode node(std::string name, std::string region, std::string zone, std::string rack, std::string power) {
  return {std::move(name),
          {{"kubernetes.io/hostname", "x"},
           {std::string(kRegionLabel), std::move(region)},
           {std::string(kZoneLabel), std::move(zone)},
           {std::string(kRackLabel), std::move(rack)},
           {std::string(kPowerDomainLabel), std::move(power)}}};
}

std::vector<TopologyNode> two_zones() {
  return {node("a0", "north", "a", "a-1", "p1"), node("a1", "north", "a", "a-2", "p2"), node("b0", "north", "b", "b-1", "p1"), node("c0", "south", "c", "c-1", "p3"),
          node("bare", "", "", "", "")};
}

using Indexes = std::vector<std::size_t>;

}  // namespace

TEST_CASE("domains come from labels, by level and name; an empty label is none") {
  const Topology t(two_zones());
  std::string all;
  for (const FailureDomain& d : t.domains()) all += fmt::format("{}:{}x{} ", static_cast<int>(d.level), d.name, d.nodes.size());
  CHECK(all == "0:northx3 0:southx1 1:ax2 1:bx1 1:cx1 2:a-1x1 2:a-2x1 2:b-1x1 2:c-1x1 3:p1x2 3:p2x1 3:p3x1 ");
  REQUIRE(t.find(DomainLevel::zone, "a") != nullptr);
  CHECK(t.find(DomainLevel::zone, "a")->nodes == Indexes{0, 1});
  CHECK(Topology::selector(*t.find(DomainLevel::zone, "a")) == "topology.kubernetes.io/zone=a");
  CHECK(Topology::selector(*t.find(DomainLevel::power, "p1")) == "orrery/power-domain=p1");
  CHECK(t.find(DomainLevel::zone, "north") == nullptr);
  CHECK(t.nesting_problems().empty());
}

TEST_CASE("which nodes share a failure domain") {
  const Topology t(two_zones());
  CHECK(t.shared(0, 1).size() == 2);  // region and zone
  CHECK(t.shared(0, 2).size() == 2);  // region and power
  CHECK(t.shared(0, 3).empty());
  CHECK(t.shared(0, 4).empty());
  CHECK(t.peers(0, DomainLevel::region) == Indexes{1, 2});
  CHECK(t.peers(0, DomainLevel::zone) == Indexes{1, 2});
  CHECK(t.peers(0, DomainLevel::power) == Indexes{2});
  CHECK(t.peers(4, DomainLevel::region).empty());
}

TEST_CASE("groups that no domain of these levels joins, directly or over others") {
  const Topology t(two_zones());
  using Groups = std::vector<Indexes>;
  CHECK(t.independent_groups({DomainLevel::zone}) == Groups{{0, 1}, {2}, {3}, {4}});
  CHECK(t.independent_groups({DomainLevel::zone, DomainLevel::power}) == Groups{{0, 1, 2}, {3}, {4}});
  CHECK(t.independent_groups({}) == Groups{{0}, {1}, {2}, {3}, {4}});
  CHECK(Topology({}).independent_groups({DomainLevel::zone}).empty());
}

TEST_CASE("nesting: a rack in two zones, a zone and a power domain in two regions") {
  const Topology t({node("a", "north", "a", "r1", "p1"), node("b", "south", "a", "r2", "p1"), node("c", "south", "c", "r1", "p2")});
  CHECK(t.nesting_problems() == std::vector<std::string>{"the zone a is in 2 regions: north, south", "the rack r1 is in 2 zones: a, c",
                                                         "the power domain p1 is in 2 regions: north, south"});
}
