// orrery rollout: how the rollout of a DaemonSet stands, as kubectl rollout status and history say it.
#include <cstdio>

#include <fmt/format.h>

#include "orrery/kubectl/rollout.hpp"
#include "query_commands.hpp"

namespace orrery::cli {

using Json = nlohmann::json;

namespace {

/// The one object that is meant; null, and printed, when it is not exactly one.
const Target* the_one(const std::optional<Targets>& targets) {
  if (!targets) return nullptr;
  if (targets->list.size() == 1 && targets->list[0].names.size() == 1) return targets->list.data();
  print_usage_problem("", "exactly one object is needed", "for example daemonset/fluentd");
  return nullptr;
}

int error(const std::string& message) {
  fmt::print(stderr, "error: {}\n", message);
  return kExpectationFailed;
}

}  // namespace

int rollout_status(RolloutCommand& c, const std::vector<std::string>& words) {
  const auto targets = split_words(words, c.query);
  const Target* target = the_one(targets);
  if (target == nullptr) return kBadInput;
  if (target->kind->kind != "DaemonSet") return error(no_status_viewer_message(target->kind->kind, target->kind->group));
  Duration timeout = Duration::zero();  // zero: none, as with kubectl
  if (!c.timeout.empty()) {
    const auto given = instant(c.timeout, "--timeout");
    if (!given) return kBadInput;
    timeout = *given;
  }
  auto query = Query::open(c.query, false);
  if (!query) return kBadInput;
  using Until = RolloutFollower::Until;
  const bool until_done = c.watch || timeout > Duration::zero();
  const Duration from = query->at().value_or(Duration::zero());
  RolloutFollower follower(until_done ? Until::done : Until::the_end);
  bool listening = false;
  query->sim().on_change([&](Duration, const Change& change) {
    if (!listening || change.kind != Kind::daemonset || change.object->name() != target->names[0]) return;
    const auto object = query->match(*target->kind, *change.object);
    if (!object) return;
    if (change.type == ChangeType::deleted)
      follower.deleted();
    else
      fmt::print("{}", follower.changed(*object));
    if (follower.ended()) query->sim().cluster().kernel().stop();
  });
  query->sim().run_until(from);
  std::vector<std::string> missing;
  const std::vector<Json> objects = query->find(*target, missing);
  if (objects.empty() && (query->at() || until_done)) {
    print_refusals(query->sim().refusals());
    query->print_missing(*target->kind, target->names[0]);
    return kExpectationFailed;
  }
  if (query->at() && !until_done) {
    print_refusals(query->sim().refusals());
    const RolloutStatus status = daemon_set_rollout_status(objects[0]);
    if (status.failed) return error(status.message);
    fmt::print("{}\n", status.message);
    return kFine;
  }
  const bool seen = !objects.empty();
  if (seen) fmt::print("{}", follower.changed(objects[0]));
  listening = true;
  if (!follower.ended() && timeout > Duration::zero())
    query->sim().run_until(from + timeout);
  else if (!follower.ended())
    (void)query->sim().run();
  print_refusals(query->sim().refusals());
  if (!follower.problem().empty()) return error(follower.problem());
  if (follower.waiting() || (until_done && !follower.ended())) return error("timed out waiting for the condition");
  if (!seen && query->find(*target, missing).empty()) {
    query->print_missing(*target->kind, target->names[0]);
    return kExpectationFailed;
  }
  return kFine;
}

int rollout_history(RolloutCommand& c, const std::vector<std::string>& words) {
  const auto targets = split_words(words, c.query);
  const Target* target = the_one(targets);
  if (target == nullptr) return kBadInput;
  if (target->kind->kind != "DaemonSet") return error(no_history_viewer_message(target->kind->kind, target->kind->group));
  auto query = Query::open(c.query, false);
  if (!query) return kBadInput;
  query->run();
  std::vector<std::string> missing;
  const std::vector<Json> objects = query->find(*target, missing);
  if (objects.empty()) {
    query->print_missing(*target->kind, target->names[0]);
    return kExpectationFailed;
  }
  const std::vector<Json> revisions = query->everything("ControllerRevision");
  if (c.revision == 0) {
    fmt::print("{}", orrery::rollout_history(objects[0], revisions));
    return kFine;
  }
  const auto text = rollout_history_of(objects[0], revisions, c.revision);
  if (!text) return error("unable to find the specified revision");
  fmt::print("{}", *text);
  return kFine;
}

}  // namespace orrery::cli
