#include "orrery/kubectl/rollout.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

using nlohmann::json;
using namespace orrery;

namespace {

json set_of(int generation, int observed, int desired, int updated, int available) {
  return {{"metadata", {{"name", "x"}, {"uid", "d1"}, {"generation", generation}}},
          {"spec", {{"updateStrategy", {{"type", "RollingUpdate"}}}}},
          {"status", {{"observedGeneration", observed}, {"desiredNumberScheduled", desired}, {"updatedNumberScheduled", updated}, {"numberAvailable", available}}}};
}

json revision(int number, const char* uid, const char* cause) {
  json r{{"metadata", {{"ownerReferences", {{{"kind", "DaemonSet"}, {"name", "x"}, {"uid", uid}, {"controller", true}}}}}},
         {"revision", number},
         {"data", {{"spec", {{"template", {{"$patch", "replace"}, {"spec", {{"containers", {{{"name", "c"}, {"image", "i:1"}}}}}}}}}}}}};
  if (cause != nullptr) r["metadata"]["annotations"]["kubernetes.io/change-cause"] = cause;
  return r;
}

}  // namespace

TEST_CASE("K-060, G-28, G-29: rollout status") {
  struct Case {
    json set;
    const char* message;
    bool done;
  };
  for (const Case& c : std::vector<Case>{
           {set_of(2, 1, 3, 3, 3), "Waiting for daemon set spec update to be observed...", false},
           {set_of(2, 2, 3, 1, 3), "Waiting for daemon set \"x\" rollout to finish: 1 out of 3 new pods have been updated...", false},
           {set_of(2, 2, 3, 3, 2), "Waiting for daemon set \"x\" rollout to finish: 2 of 3 updated pods are available...", false},
           {set_of(2, 2, 3, 3, 3), "daemon set \"x\" successfully rolled out", true},
           {set_of(1, 1, 0, 0, 0), "daemon set \"x\" successfully rolled out", true},
       }) {
    const RolloutStatus s = daemon_set_rollout_status(c.set);
    CHECK(s.message == c.message);
    CHECK(s.done == c.done);
    CHECK(!s.failed);
  }
  json on_delete = set_of(1, 1, 0, 0, 0);
  on_delete["spec"]["updateStrategy"]["type"] = "OnDelete";
  CHECK(daemon_set_rollout_status(on_delete).failed);
  CHECK(daemon_set_rollout_status(on_delete).message == "rollout status is only available for RollingUpdate strategy type");
  CHECK(daemon_set_rollout_status(nullptr).failed);
  CHECK(no_status_viewer_message("Job", "batch") == "no status viewer has been implemented for Job.batch");
}

TEST_CASE("K-062: rollout history") {
  const json set = set_of(2, 2, 3, 3, 3);
  const std::vector<json> revisions{revision(10, "d1", nullptr), revision(2, "d1", "update image"), revision(3, "other", nullptr), revision(1, "d1", nullptr)};
  CHECK(rollout_history(set, revisions) ==
        "daemonset.apps/x \n"
        "REVISION  CHANGE-CAUSE\n"
        "1         <none>\n"
        "2         update image\n"
        "10        <none>\n"
        "\n");
  CHECK(rollout_history(set, {}) == "daemonset.apps/x \nNo rollout history found.\n");
  CHECK(rollout_history_of(set, revisions, 2) ==
        "daemonset.apps/x with revision #2\n"
        "Pod Template:\n"
        "  Labels:\t<none>\n"
        "  Containers:\n"
        "   c:\n"
        "    Image:\ti:1\n"
        "    Port:\t<none>\n"
        "    Host Port:\t<none>\n"
        "    Environment:\t<none>\n"
        "    Mounts:\t<none>\n"
        "  Volumes:\t<none>\n"
        "  Node-Selectors:\t<none>\n"
        "  Tolerations:\t<none>\n"
        "\n");
  CHECK(!rollout_history_of(set, revisions, 3));
}

TEST_CASE("K-060, G-28: the lecture's rollout, followed") {
  const auto lecture = [](int generation, int observed, int updated, int available) {
    json set = set_of(generation, observed, 4, updated, available);
    set["metadata"]["name"] = "fluentd-elasticsearch";
    return set;
  };
  const std::vector<std::pair<json, std::string>> versions{
      {lecture(1, 0, 0, 0), "Waiting for daemon set spec update to be observed...\n"},
      {lecture(1, 1, 4, 3), "Waiting for daemon set \"fluentd-elasticsearch\" rollout to finish: 3 of 4 updated pods are available...\n"},
      {lecture(1, 1, 4, 4), "daemon set \"fluentd-elasticsearch\" successfully rolled out\n"},
      {lecture(1, 1, 4, 4), ""},  // between two rollouts
      {lecture(2, 1, 4, 4), "Waiting for daemon set spec update to be observed...\n"},
      {lecture(2, 2, 2, 3), "Waiting for daemon set \"fluentd-elasticsearch\" rollout to finish: 2 out of 4 new pods have been updated...\n"},
      {lecture(2, 2, 2, 4), "Waiting for daemon set \"fluentd-elasticsearch\" rollout to finish: 2 out of 4 new pods have been updated...\n"},
      {lecture(2, 2, 4, 3), "Waiting for daemon set \"fluentd-elasticsearch\" rollout to finish: 3 of 4 updated pods are available...\n"},
      {lecture(2, 2, 4, 4), "daemon set \"fluentd-elasticsearch\" successfully rolled out\n"},
  };
  RolloutFollower all(RolloutFollower::Until::the_end);
  RolloutFollower one(RolloutFollower::Until::done);
  for (std::size_t i = 0; i < versions.size(); ++i) {
    CAPTURE(i);
    CHECK(all.changed(versions[i].first) == versions[i].second);
    CHECK(one.changed(versions[i].first) == (i < 3 ? versions[i].second : ""));
    CHECK(one.ended() == (i >= 2));
  }
  CHECK(!all.ended());
  CHECK(!all.waiting());
  all.deleted();
  CHECK(all.problem().empty());
  CHECK(!all.changed(lecture(3, 2, 4, 4)).empty());
  CHECK(all.waiting());
  all.deleted();
  CHECK(all.ended());
  CHECK(all.problem() == "object has been deleted");
  // A call when all is done ends at once.
  RolloutFollower late(RolloutFollower::Until::done);
  CHECK(late.changed(lecture(1, 1, 4, 4)) == "daemon set \"fluentd-elasticsearch\" successfully rolled out\n");
  CHECK(late.ended());
  json on_delete = lecture(1, 1, 4, 4);
  on_delete["spec"]["updateStrategy"]["type"] = "OnDelete";
  RolloutFollower never(RolloutFollower::Until::the_end);
  CHECK(never.changed(on_delete).empty());
  CHECK(never.problem() == "rollout status is only available for RollingUpdate strategy type");
}
