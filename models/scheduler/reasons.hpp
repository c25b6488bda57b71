#pragma once
// Why a node was refused, as the messages say it (S-042, S-056).
#include <array>
#include <cstdint>
#include <string_view>

namespace orrery::sched_reason {

enum : unsigned {
  kCordoned,
  kNodeName,
  kTaint,
  kNodeAffinity,
  kPorts,
  kPods,
  kCpu,
  kMemory,
  kEphemeral,
  kSpread,
  kSpreadLabel,
  kPodAffinity,
  kPodAntiAffinity,
  kExistingAntiAffinity,
  kNoVictims,
  kFirstScalar,  ///< and one for each extended resource of the pod, in its order
};

inline constexpr std::array<std::string_view, kFirstScalar> kTexts = {
    "node(s) were unschedulable",
    "node(s) didn't match the requested node name",
    "node(s) had untolerated taint(s)",
    "node(s) didn't match Pod's node affinity/selector",
    "node(s) didn't have free ports for the requested pod ports",
    "Too many pods",
    "Insufficient cpu",
    "Insufficient memory",
    "Insufficient ephemeral-storage",
    "node(s) didn't match pod topology spread constraints",
    "node(s) didn't match pod topology spread constraints (missing required label)",
    "node(s) didn't match pod affinity rules",
    "node(s) didn't match pod anti-affinity rules",
    "node(s) didn't satisfy existing pods anti-affinity rules",
    "No preemption victims found for incoming pod",
};

constexpr std::uint64_t bit(unsigned reason) { return std::uint64_t{1} << reason; }

}  // namespace orrery::sched_reason
