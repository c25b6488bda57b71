#pragma once
// Which slot of its schedule a CronJob is at: pure arithmetic on four facts and a schedule.
// Behaviour source: Kubernetes v1.36.2, pkg/controller/cronjob/utils.go (C-068, C-085, C-086).
#include <array>
#include <optional>
#include <string_view>

#include "orrery/api/cron.hpp"
#include "orrery/cluster/cron_job.hpp"

namespace orrery::cron_job {

/// A slot's sync is asked for so much later, so that a clock that is slightly behind finds it due (C-068).
inline constexpr Duration kSlotDelta = std::chrono::milliseconds{100};
/// More missed slots than this are "too many" (C-085).
inline constexpr std::int64_t kMissedMax = 100;
inline constexpr std::string_view kTooDense = "time difference between two schedules is less than 1 second";

/// Asks a schedule for its next slot, and remembers the last few answers: the syncs of one CronJob ask for the same slots
/// again and again.
class SlotMemory {
 public:
  /// CronSchedule::next. What was remembered of another spec is forgotten.
  Time next(const Ref<const CronJobSpec>& spec, Time t) {
    if (spec_ != spec) {
      *this = {};
      spec_ = spec;
    }
    for (const Answer& a : answers_)
      if (a.known && a.after == t) return a.slot;
    Answer& a = answers_[turn_++ % answers_.size()];
    a = {t, spec->cron.schedule->next(t), true};
    return a.slot;
  }

 private:
  struct Answer {
    Time after{}, slot{};
    bool known = false;
  };
  Ref<const CronJobSpec> spec_;
  std::array<Answer, 4> answers_;
  std::uint32_t turn_ = 0;
};

/// A schedule as the functions below ask it: directly, or through the memory of its CronJob.
class NextSlot {
 public:
  NextSlot(const CronSchedule& schedule) : schedule_(&schedule) {}
  NextSlot(const Ref<const CronJobSpec>& spec, SlotMemory& memory) : spec_(&spec), memory_(&memory) {}
  Time operator()(Time t) const { return memory_ != nullptr ? memory_->next(*spec_, t) : schedule_->next(t); }

 private:
  const CronSchedule* schedule_ = nullptr;
  const Ref<const CronJobSpec>* spec_ = nullptr;
  SlotMemory* memory_ = nullptr;
};

/// What the arithmetic needs of a CronJob.
struct Facts {
  Stamp created, last_schedule;
  std::int64_t starting_deadline_s = kUnset;
};
inline Facts facts_of(const CronJob& c) { return {c.meta.id->created, c.status.last_schedule, c.spec->starting_deadline_s}; }

enum class Missed : std::uint8_t { none, few, many };

struct Recent {
  Time base{};               ///< the slots after this one are considered
  std::optional<Time> slot;  ///< the latest that has passed
  Missed missed = Missed::none;
  bool error = false;  ///< kTooDense: the schedule never fires
};

/// C-085. An estimate by the first gap where slots were missed: on an irregular schedule it may find no slot although one
/// has passed (C-086). O(slots between the estimate and now), one or two where the schedule is regular.
Recent most_recent(const Facts& facts, const NextSlot& next, Time now, bool with_deadline);

/// C-068: how long after `now` the CronJob is to be looked at again. May be negative.
Duration requeue_delay(const Facts& facts, const NextSlot& next, Time now);

/// C-087: the slot's deadline is over.
bool too_late(const Facts& facts, Time slot, Time now);

}  // namespace orrery::cron_job
