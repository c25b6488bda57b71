#pragma once
// What makes two runs equal: every committed change with all that a model can see of it.
#include <array>

#include "orrery/cluster/store.hpp"
#include "orrery/core/fingerprint.hpp"

namespace orrery {

class ChangeFingerprint {
 public:
  /// Both must outlive it.
  ChangeFingerprint(Fingerprint& fingerprint, const Interner& names) : fingerprint_(fingerprint), names_(names) {}

  /// Adds one committed change. Texts count, not the numbers that stand for them: a new well-known word or kind leaves the
  /// fingerprints of runs that do not meet it as they are. `t` is since the start of the run. O(size of the status).
  void add(Duration t, const Change& c);

 private:
  /// A list of conditions and what the fingerprint gets of it.
  struct Fed {
    static constexpr std::size_t kMax = 5;  ///< conditions; longer lists are rare
    Conditions list;  ///< kept, so that no other list can have its address
    std::uint32_t size = 0;
    std::array<unsigned char, 8 + kMax * 40> bytes;
  };
  template <class Way>
  void add_head(Way& way, Duration t, const Change& c);
  template <class Way>
  void add_pod(Way& way, const Pod& p);
  template <class Way>
  void add_conditions(Way& way, const Conditions& list);
  void add_other(const Change& c);
  unsigned char* write(unsigned char* at, const Condition& c) const;

  Fingerprint& fingerprint_;
  const Interner& names_;
  std::array<Fed, 64> fed_;  ///< by address
};

}  // namespace orrery
