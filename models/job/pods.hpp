#pragma once
// What the Job controller reads off a pod: its index, its failure counts, when it finished, and its rank for deletion.
#include <cstdint>
#include <optional>

#include "orrery/cluster/objects.hpp"
#include "orrery/cluster/symbols.hpp"

namespace orrery {
class Cluster;
}

namespace orrery::job {

inline constexpr const char* kIndexKey = "batch.kubernetes.io/job-completion-index";
inline constexpr const char* kFailureCountKey = "batch.kubernetes.io/job-index-failure-count";
inline constexpr const char* kIgnoredCountKey = "batch.kubernetes.io/job-index-ignored-failure-count";
inline constexpr std::int32_t kUnknownIndex = -1;

/// J-048: annotation as a number; missing, unparsable or negative is unknown.
std::int32_t completion_index(const Pod& pod);
/// J-048: 0 where missing or unusable.
std::int32_t failure_count(const Pod& pod);
std::int32_t ignored_count(const Pod& pod);

inline bool is_active(const Pod& pod) { return !pod.terminal() && !pod.meta.deleted; }
inline bool is_terminating(const Pod& pod) { return !pod.terminal() && pod.meta.deleted; }
inline bool is_ready(const Pod& pod) { return condition_true(pod.conditions, sym::Ready); }

/// J-150, whole seconds.
Stamp finish_time(const Pod& pod);

/// A patch (see Client) that takes the tracking finalizer away.
bool drop_tracking(Cluster&, Object& copy, std::uint64_t, const RefCounted*);

/// J-110.
bool only_replaces_failed(const JobSpec& spec);
bool is_failed(const Pod& pod, const JobSpec& spec);

/// J-130: is `a` to be deleted before `b`? Ties that upstream leaves open go to the younger pod.
bool deleted_before(const Pod& a, const Pod& b);

}  // namespace orrery::job
