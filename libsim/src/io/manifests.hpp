#pragma once
// Kubernetes objects of a scenario: inline or from manifests, Lists taken apart, checked as far as no API server is needed.
#include <map>
#include <string>
#include <vector>

#include "fields.hpp"
#include "orrery/api/yaml.hpp"
#include "orrery/io/scenario.hpp"

namespace orrery::scenario_reading {

/// All manifests together, counted as often as they are used: a small scenario must not name a large file 100,000 times.
inline constexpr std::size_t kMaxManifestBytes = std::size_t{1} << 30;

class ManifestLoader {
 public:
  /// `own_source` is the scenario's name in SourceRefs; paths begin at `base_dir`.
  ManifestLoader(Problems& problems, std::string own_source, std::string base_dir)
      : problems_(problems), own_source_(std::move(own_source)), base_dir_(std::move(base_dir)) {}

  /// The objects of a manifest. What is wrong with the file as such is reported at `pointer` of the scenario.
  void load(const std::string& path, const std::string& pointer, std::vector<ManifestObject>& out);
  /// The same, without keeping a copy for the next one who names the file: it would be read again.
  void take(const std::string& path, const std::string& pointer, std::vector<ManifestObject>& out);
  /// An object (or List) that stands in the scenario itself.
  void add_inline(const json& value, const std::string& pointer, std::vector<ManifestObject>& out);
  /// A path or an object.
  void add(const json& value, const std::string& pointer, std::vector<ManifestObject>& out);

  /// A problem at a place of the scenario or of a manifest read before.
  void report(const SourceRef& at, std::string message, std::string hint = {});

 private:
  struct File {
    std::size_t bytes = 0;
    std::vector<Document> documents;  // values moved out; kept to find lines
    std::vector<ManifestObject> objects;
    bool good = false;
    bool taken = false;  // the objects are gone
    std::string error;  // of the file as such; told at every place that names it
  };
  File& file(const std::string& where);
  /// Whether the objects of the file may be used.
  bool admit(const File& f, const std::string& pointer);
  void flatten(Problems& problems, json value, const SourceRef& from, std::vector<ManifestObject>& out);
  bool within_limit(const std::string& pointer, std::size_t more, std::size_t bytes);

  Problems& problems_;
  std::string own_source_;
  std::string base_dir_;
  std::map<std::string, File> files_;
  std::size_t objects_ = 0;
  std::size_t bytes_ = 0;
};

/// Reports objects that occur twice, and chains of owner references that bite their own tail.
void check_objects(ManifestLoader& loader, const std::vector<ManifestObject>& objects);

}  // namespace orrery::scenario_reading
