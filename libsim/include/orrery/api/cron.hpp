#pragma once
// Cron schedules as the CronJob API takes them: parsed once into bit sets, then asked for the next slot.
// Source of the behaviour: github.com/robfig/cron/v3 v3.0.1 (parser.go, spec.go, constantdelay.go), rules C-020 to C-044.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/api/time_zone.hpp"
#include "orrery/core/time.hpp"

namespace orrery {

struct CronParse;

class CronSchedule {
 public:
  /// "There is no next slot": before every instant, as in the library.
  static constexpr Time kNoSlot = Time::min();

  /// Five fields or a descriptor, with or without TZ= or CRON_TZ= in front. Without one the zone is UTC.
  static CronParse parse(std::string_view text);

  /// The first slot after `t`, in whole seconds; kNoSlot if there is none up to the end of the fifth year after t's
  /// (C-043); kNever if it is beyond what Time can hold. Not always the next matching wall time: around a change of the
  /// clock it deviates exactly as the library does (C-044). About 50 ns, some µs near a change of the clock.
  Time next(Time t) const;

 private:
  struct Parser;
  struct Walk;
  static constexpr std::uint64_t kStar = std::uint64_t{1} << 63U;

  bool day_matches(unsigned day, unsigned weekday) const;
  std::uint64_t days_of_month(unsigned first_weekday) const;
  std::optional<std::int64_t> next_local(std::int64_t local_s) const;

  std::uint64_t minutes_ = 0, hours_ = 0, days_ = 0, months_ = 0, weekdays_ = 0;  ///< bit n = value n; kStar: see C-040
  std::int64_t every_s_ = 0;                                                    ///< of @every; 0 = fields
  TimeZone zone_;
};

/// Either a schedule or what the parser says is wrong.
struct CronParse {
  std::optional<CronSchedule> schedule;
  std::string error;
};

}  // namespace orrery
