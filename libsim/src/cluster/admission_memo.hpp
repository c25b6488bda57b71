#pragma once
// What became of the pods and nodes that users wrote, by all of what they wrote but the name. Most manifests of pods, and
// the nodes that `count` makes, differ in nothing else; defaults and rules do not look at a name except to check it.
#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

#include "orrery/cluster/cron_job.hpp"

namespace orrery {

/// An object as a user wrote it, its name apart.
struct Nameless {
  nlohmann::json rest;
  std::string name;
  bool hostname_label = false;  ///< of nodes: the label kubernetes.io/hostname said the name too
  std::size_t hash = 0;

  /// Whether an object can be admitted as an earlier one was: a pod or node with a name that is fine, and not a generated one.
  static bool can_take(std::string_view kind, const nlohmann::json& object);
  explicit Nameless(nlohmann::json object);
  /// The object again.
  nlohmann::json named() &&;
};

class AdmissionMemo {
 public:
  /// The object under its name, as a new one without uid that is made at `now`; null if no equal one has been admitted.
  Ref<Object> find(const Nameless& written, Stamp now) const;
  void keep(nlohmann::json rest, std::size_t hash, const Object& admitted);
  /// CronJobs of a namespace with equal job templates get one, and with it all that the template's Jobs share.
  void share_template(CronJob& fresh);

 private:
  struct Entry {
    nlohmann::json rest;
    Ref<const Object> admitted;
  };
  std::unordered_map<std::size_t, Entry> entries_;  // looked up only, never walked
  std::map<std::pair<Symbol, std::string_view>, Ref<const JobTemplate>> templates_;  ///< by namespace and their own text
  std::size_t templates_kept_ = 1024;                                               ///< at which those nobody uses are forgotten
};

}  // namespace orrery
