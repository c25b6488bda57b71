#include "orrery/core/event_queue.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "orrery/core/random.hpp"

using namespace orrery;

namespace {

constexpr Phase kPhases[] = {Phase::timeline, Phase::commit, Phase::watch, Phase::timer, Phase::reconcile, Phase::sample};

Time at(std::int64_t ns) { return Time(Duration(ns)); }

struct Pending {
  Event event;
  EventHandle handle;
};

/// The obvious implementation.
struct Oracle {
  std::vector<Pending> pending;
  auto first() {
    return std::min_element(pending.begin(), pending.end(), [](const Pending& x, const Pending& y) {
      return std::tuple(x.event.at, x.event.phase, x.event.seq) < std::tuple(y.event.at, y.event.phase, y.event.seq);
    });
  }
  std::size_t foreground() const {
    return static_cast<std::size_t>(
        std::count_if(pending.begin(), pending.end(), [](const Pending& p) { return p.event.background == 0; }));
  }
};

bool same(const Event& x, const Event& y) {
  return std::tie(x.at, x.seq, x.cause, x.a, x.b, x.target, x.kind, x.phase, x.background) ==
         std::tie(y.at, y.seq, y.cause, y.a, y.b, y.target, y.kind, y.phase, y.background);
}

}  // namespace

TEST_CASE("random pushes, cancels and pops agree with a sorted list") {
  std::size_t in_line = 0, refused = 0;
  for (std::uint64_t round = 0; round < 60; ++round) {
    CAPTURE(round);
    RandomStream random(round, purpose("test"), 0);
    EventQueue queue;
    Oracle oracle;
    std::vector<EventHandle> stale;
    constexpr std::int64_t kStarts[] = {0, 1'767'571'200'000'000'000, -1'000'000};
    const std::int64_t start = kStarts[round % 3];
    queue.start_at(at(start));
    Time present = at(start);
    std::uint64_t seq = 0;
    const std::uint64_t cancel_share = round % 4;  // of ten steps
    struct Line {
      std::uint32_t number;
      Phase phase;
      Time last;
    };
    std::vector<Line> lines;
    for (std::size_t i = 0; i < 4; ++i) lines.push_back({queue.add_line(kPhases[1 + i % 3]), kPhases[1 + i % 3], present});
    for (int step = 0; step < 3000; ++step) {
      const auto dice = random.below(10);
      // First growing, then shrinking.
      const std::uint64_t push_share = step < 1500 ? 6 - cancel_share / 2 : 2;
      if (dice < push_share) {
        // Small spans give ties, the large ones use all levels.
        const std::uint64_t span = std::uint64_t{1} << random.below(round % 2 == 0 ? 4 : 50);
        Event e;
        e.at = present + Duration(static_cast<std::int64_t>(random.below(span)));
        e.phase = kPhases[random.below(6)];
        e.seq = ++seq;
        e.cause = random.below(100);
        e.a = random.next();
        e.b = random.next();
        e.target = static_cast<std::uint32_t>(random.next());
        e.kind = static_cast<std::uint16_t>(random.next());
        e.background = static_cast<std::uint8_t>(random.below(2));
        const EventBody body{e.target, e.kind, e.a, e.b, e.background};
        EventHandle h;
        const auto push_in_line = [&](std::uint32_t line) {
          if (queue.takes(line, e.at)) {
            e.background = 0;
            h = queue.push_in_line(line, e.at, e.cause, e.target, e.kind, e.a, e.b);
            ++in_line;
          } else {
            h = queue.push(e.at, e.phase, body, e.cause);
            ++refused;
          }
        };
        const std::uint64_t way = random.below(8);
        if (way < 2) {
          e.at = present;
          push_in_line(EventQueue::line_of(e.phase));
        } else if (way < 4) {
          Line& line = lines[random.below(lines.size())];
          e.phase = line.phase;
          // Often where the last one is, or a little later.
          e.at = std::max(present, line.last) + (random.below(2) == 0 ? Duration{} : Duration(static_cast<std::int64_t>(random.below(span))) / 8);
          line.last = e.at;
          push_in_line(line.number);
        } else {
          h = queue.push(e.at, e.phase, body, e.cause);
        }
        REQUIRE(h);
        oracle.pending.push_back({e, h});
      } else if (dice < push_share + cancel_share) {
        if (!oracle.pending.empty()) {
          const auto victim = oracle.pending.begin() + static_cast<std::ptrdiff_t>(random.below(oracle.pending.size()));
          REQUIRE(queue.pending(victim->handle));
          REQUIRE(queue.cancel(victim->handle));
          stale.push_back(victim->handle);
          oracle.pending.erase(victim);
        }
        if (!stale.empty()) {
          REQUIRE_FALSE(queue.cancel(stale[random.below(stale.size())]));
        }
      } else {
        const auto first = oracle.first();
        const bool any = first != oracle.pending.end();
        if (random.below(4) == 0) REQUIRE(queue.next_time() == (any ? first->event.at : kNever));
        const Time limit = random.below(3) == 0 ? present + Duration(static_cast<std::int64_t>(random.below(20))) : kNever;
        Event got;
        if (any && first->event.at <= limit) {
          REQUIRE(queue.pop_until(limit, got));
          REQUIRE(same(got, first->event));
          present = got.at;
          stale.push_back(first->handle);
          oracle.pending.erase(first);
        } else {
          REQUIRE_FALSE(queue.pop_until(limit, got));
          if (limit != kNever) present = limit;
        }
        REQUIRE(queue.present() == present);
      }
      REQUIRE(queue.size() == oracle.pending.size());
      REQUIRE(queue.foreground_size() == oracle.foreground());
    }
    Event got;
    while (!oracle.pending.empty()) {
      const auto first = oracle.first();
      REQUIRE(queue.pop(got));
      REQUIRE(same(got, first->event));
      oracle.pending.erase(first);
    }
    REQUIRE_FALSE(queue.pop(got));
  }
  CHECK(in_line > 1000);
  CHECK(refused < in_line / 100);
}

TEST_CASE("a line whose events are mostly cancelled takes no more until their time is over") {
  EventQueue queue;
  const std::uint32_t line = queue.add_line(Phase::timer);
  std::size_t taken = 0;
  for (std::int64_t t = 1; t <= 10'000; ++t) {
    if (!queue.takes(line, at(t))) continue;
    ++taken;
    REQUIRE(queue.cancel(queue.push_in_line(line, at(t), 0, 1, 1, 0, 0)));
  }
  // Those that are first are gone at once, so all were taken.
  REQUIRE(taken == 10'000);
  REQUIRE(queue.size() == 0);
  REQUIRE(queue.push_in_line(line, at(20'000), 0, 1, 1, 7, 0));
  const std::size_t before = queue.memory_bytes();
  taken = 0;
  for (std::int64_t t = 20'001; t <= 40'000; ++t) {
    if (!queue.takes(line, at(t))) continue;
    ++taken;
    REQUIRE(queue.cancel(queue.push_in_line(line, at(t), 0, 1, 1, 0, 0)));
  }
  CHECK(taken < 200);
  CHECK(queue.memory_bytes() < before + 200 * 100);
  Event got;
  REQUIRE(queue.pop(got));
  CHECK(got.a == 7);
  CHECK_FALSE(queue.pop(got));
  CHECK(queue.takes(line, at(50'000)));
}

TEST_CASE("events at the present are in order with all others, however many and wherever these are") {
  for (std::uint64_t round = 0; round < 40; ++round) {
    CAPTURE(round);
    RandomStream random(round, purpose("test"), 1);
    EventQueue queue;
    queue.start_at(at(1'000'000));
    std::vector<std::pair<EventHandle, std::tuple<Time, Phase, std::uint64_t>>> pending;
    std::uint64_t seq = 0;
    Time present = at(1'000'000);
    for (int step = 0; step < 2000; ++step) {
      // Crowds at one instant and nothing between them.
      const std::size_t crowd = random.below(20) == 0 ? 300 : random.below(4);
      for (std::size_t i = 0; i < crowd; ++i) {
        const Phase phase = kPhases[random.below(6)];
        ++seq;
        if (random.below(3) != 0) {
          queue.push_in_line(EventQueue::line_of(phase), present, 0, 0, 0, seq, 0);
          pending.push_back({{}, {present, phase, seq}});
        } else {
          const Time t = present + Duration(static_cast<std::int64_t>(random.below(3) * (round % 2 == 0 ? 1 : 100'000)));
          pending.push_back({queue.push(t, phase, {.a = seq}, 0), {t, phase, seq}});
        }
      }
      // Whole lanes of cancelled ones.
      if (random.below(10) == 0)
        std::erase_if(pending, [&](const auto& p) { return p.first && queue.cancel(p.first); });
      for (std::size_t pops = random.below(8); pops > 0 && !pending.empty(); --pops) {
        const auto first = std::min_element(pending.begin(), pending.end(), [](const auto& x, const auto& y) { return x.second < y.second; });
        Event got;
        REQUIRE(queue.pop(got));
        REQUIRE(got.a == std::get<2>(first->second));
        REQUIRE(got.seq == got.a);
        REQUIRE(got.at == std::get<0>(first->second));
        REQUIRE(got.phase == std::get<1>(first->second));
        present = got.at;
        pending.erase(first);
      }
      if (pending.empty() && random.below(4) == 0) {
        // Nothing is left until then.
        Event got;
        present += Duration(static_cast<std::int64_t>(random.below(1'000)));
        REQUIRE_FALSE(queue.pop_until(present, got));
      }
      REQUIRE(queue.size() == pending.size());
      REQUIRE(queue.next_time() == (pending.empty() ? kNever : std::get<0>(std::min_element(pending.begin(), pending.end(), [](const auto& x, const auto& y) { return x.second < y.second; })->second)));
    }
  }
}

TEST_CASE("ties of one phase keep the order of pushes, however they got there") {
  EventQueue queue;
  const std::int64_t instants[] = {0, 1, 3, 4, 15, 16, 255, 1'000'000};
  // Interleaved, with the pivot moving in between.
  std::uint64_t n = 0;
  for (int round = 0; round < 50; ++round)
    for (auto t : instants) queue.push(at(1'000'000'000 + t), Phase::watch, {.a = n++}, 0);
  Event filler;
  queue.push(at(999'999'999), Phase::watch, {}, 0);
  REQUIRE(queue.pop(filler));
  for (int round = 0; round < 50; ++round)
    for (auto t : instants) queue.push(at(1'000'000'000 + t), Phase::watch, {.a = n++}, 0);
  Event e;
  for (auto t : instants) {
    std::uint64_t last = 0;
    for (int i = 0; i < 100; ++i) {
      REQUIRE(queue.pop(e));
      REQUIRE(e.at == at(1'000'000'000 + t));
      REQUIRE(e.seq > last);
      last = e.seq;
    }
  }
  CHECK(queue.size() == 0);
}

TEST_CASE("an event at kNever does not happen") {
  EventQueue queue;
  CHECK_FALSE(queue.push(kNever, Phase::timer, {}, 0));
  CHECK(queue.size() == 0);
  CHECK(queue.next_time() == kNever);
  CHECK_FALSE(queue.cancel({}));
  CHECK_FALSE(queue.cancel({.slot = 99, .generation = 1}));
}

TEST_CASE("the last instant before kNever can be used") {
  EventQueue queue;
  queue.push(kNever - Duration(1), Phase::timer, {.a = 1}, 0);
  queue.push(Time{}, Phase::timer, {.a = 2}, 0);
  Event e;
  CHECK(queue.pop(e));
  CHECK(e.a == 2);
  CHECK(queue.pop(e));
  CHECK(e.a == 1);
  CHECK_FALSE(queue.pop(e));
}

TEST_CASE("cancelled events that never come due are swept") {
  EventQueue queue;
  RandomStream random(1, purpose("test"), 0);
  std::vector<EventHandle> handles;
  for (int i = 0; i < 1000; ++i) {
    const auto t = static_cast<std::int64_t>(1 + random.below(1'000'000'000));
    handles.push_back(queue.push(at(t), Phase::timer, {}, 0));
  }
  const std::size_t before = queue.memory_bytes();
  for (int i = 0; i < 1'000'000; ++i) {
    auto& h = handles[random.below(handles.size())];
    REQUIRE(queue.cancel(h));
    h = queue.push(at(static_cast<std::int64_t>(1 + random.below(1'000'000'000))), Phase::timer, {}, 0);
  }
  CHECK(queue.size() == 1000);
  CHECK(queue.memory_bytes() < 3 * before);
}

TEST_CASE("a pending event costs at most 64 bytes") {
  constexpr std::size_t kEvents = 1 << 20;
  EventQueue queue;
  RandomStream random(1, purpose("test"), 0);
  for (std::size_t i = 0; i < kEvents; ++i) queue.push(at(static_cast<std::int64_t>(random.below(1'000'000'000'000))), Phase::timer, {}, 0);
  Event e;
  // Steady state: through many redistributions the pool does not grow.
  for (std::size_t i = 0; i < 2 * kEvents; ++i) {
    REQUIRE(queue.pop(e));
    queue.push(e.at + Duration(static_cast<std::int64_t>(random.below(1'000'000'000'000))), Phase::timer, {}, 0);
  }
  CHECK(queue.size() == kEvents);
  CHECK(queue.memory_bytes() <= 64 * kEvents);
}

namespace {

/// What a cluster does to the queue: constants with ties, bursts at one instant, zero delays, calls of milliseconds, timers of
/// minutes that are mostly cancelled.
Duration cluster_delay(RandomStream& random) {
  constexpr std::int64_t kConstants[] = {0, 1'000'000, 5'000'000, 1'000'000'000, 10'000'000'000, 300'000'000'000};
  const std::uint64_t dice = random.below(8);
  if (dice < 6) return Duration(kConstants[dice]);
  return Duration(static_cast<std::int64_t>(random.below(std::uint64_t{1} << (10 + random.below(30)))));
}

}  // namespace

TEST_CASE("large populations with bursts, ties and cancelled timers agree with a sorted set") {
  for (std::uint64_t round = 0; round < 24; ++round) {
    CAPTURE(round);
    RandomStream random(round, purpose("bursts"), 0);
    EventQueue queue;
    using Key = std::tuple<Time, Phase, std::uint64_t>;
    std::map<Key, EventHandle> oracle;
    std::vector<std::pair<Key, EventHandle>> issued;
    const std::size_t population = std::size_t{1} << (2 + round % 12);
    std::uint64_t seq = 0;
    const auto push = [&](Time t, Phase phase) {
      const EventHandle h = queue.push(t, phase, {.a = seq + 1}, 0);
      const Key key{t, phase, ++seq};
      oracle.emplace(key, h);
      issued.emplace_back(key, h);
    };
    Event got;
    for (int step = 0; step < 6000; ++step) {
      const auto dice = random.below(16);
      if (oracle.size() < population || dice < 5) {
        push(queue.present() + cluster_delay(random), kPhases[random.below(6)]);
      } else if (dice == 5) {
        const Time t = queue.present() + (random.below(2) == 0 ? Duration(0) : cluster_delay(random));
        for (auto n = random.below(400); n > 0; --n) push(t, kPhases[random.below(random.below(2) == 0 ? 1 : 6)]);
      } else if (dice < 9) {
        // Any handle ever given out, also one whose slot is in use again.
        const auto& [key, handle] = issued[random.below(issued.size())];
        const bool is_pending = oracle.contains(key);
        REQUIRE(queue.pending(handle) == is_pending);
        REQUIRE(queue.cancel(handle) == is_pending);
        oracle.erase(key);
      } else if (dice == 9 && random.below(8) == 0) {
        // Nearly everything is cancelled: the queue sweeps.
        while (oracle.size() > 3) {
          REQUIRE(queue.cancel(oracle.begin()->second));
          oracle.erase(oracle.begin());
        }
      } else {
        for (auto n = random.below(random.below(4) == 0 ? 200 : 4); n > 0; --n) {
          const Time limit = random.below(3) == 0 ? queue.present() + cluster_delay(random) : kNever;
          const bool due = !oracle.empty() && std::get<Time>(oracle.begin()->first) <= limit;
          if (random.below(16) == 0) REQUIRE(queue.next_time() == (oracle.empty() ? kNever : std::get<Time>(oracle.begin()->first)));
          REQUIRE(queue.pop_until(limit, got) == due);
          if (!due) continue;
          REQUIRE(Key{got.at, got.phase, got.seq} == oracle.begin()->first);
          REQUIRE(got.a == got.seq);
          oracle.erase(oracle.begin());
        }
      }
      REQUIRE(queue.size() == oracle.size());
    }
    while (queue.pop(got)) {
      REQUIRE(Key{got.at, got.phase, got.seq} == oracle.begin()->first);
      oracle.erase(oracle.begin());
    }
    REQUIRE(oracle.empty());
  }
}

TEST_CASE("an event may be pushed right after cancelled ones have been looked through") {
  EventQueue queue;
  Event e;
  const EventHandle late = queue.push(at(5'000'000'000), Phase::timer, {}, 0);
  REQUIRE(queue.cancel(late));
  REQUIRE_FALSE(queue.pop(e));
  REQUIRE(queue.present() == at(0));
  queue.push(at(4'999'999'999), Phase::timer, {.a = 2}, 0);
  queue.push(at(7), Phase::timer, {.a = 1}, 0);
  REQUIRE(queue.pop(e));
  CHECK(e.a == 1);
  REQUIRE(queue.pop(e));
  CHECK(e.a == 2);
}

TEST_CASE("what comes later is told ahead where it was pushed long before, and telling changes nothing") {
  for (const bool at_one_instant : {false, true}) {
    CAPTURE(at_one_instant);
    EventQueue queue;
    queue.start_at(at(0));
    constexpr std::int64_t kFar = 100'000'000'000;
    // In one bucket each, so that the order is known once the first of them is next.
    for (std::uint64_t i = 0; i < 20; ++i)
      queue.push(at(kFar + (at_one_instant ? 0 : static_cast<std::int64_t>(i))), Phase::timer, {.target = 7, .kind = 3, .a = i, .b = i + 1}, 0);
    ComingEvent coming;
    CHECK_FALSE(queue.coming(1, coming));  // nobody has looked for the next one yet
    Event event;
    for (std::uint64_t i = 0; i < 20; ++i) {
      REQUIRE(queue.pop(event));
      REQUIRE(event.a == i);
      for (std::size_t distance = 0; distance < 8; ++distance) {
        const bool told = queue.coming(distance, coming);
        REQUIRE(told == (i + 1 + distance < 20));
        if (!told) continue;
        CHECK(coming.a == i + 1 + distance);
        CHECK(coming.b == coming.a + 1);
        CHECK(coming.target == 7);
        CHECK(coming.kind == 3);
      }
    }
    // Of what is pushed shortly before it is due there is no telling: its data are at hand.
    for (std::int64_t i = 0; i < 4; ++i) queue.push(event.at + Duration(1 + i), Phase::timer, {.target = 7}, 0);
    REQUIRE(queue.pop(event));
    CHECK_FALSE(queue.coming(1, coming));
  }
}
