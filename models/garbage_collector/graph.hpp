#pragma once
// The garbage collector's picture of who owns whom, kept up to date from the watch. It decides which objects are worth a
// look (attempt_to_delete, attempt_to_orphan) and makes no calls.
// upstream: pkg/controller/garbagecollector/{graph,graph_builder,uid_cache}.go
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/cluster/recently_used.hpp"
#include "orrery/cluster/slot_column.hpp"
#include "orrery/cluster/store.hpp"
#include "orrery/core/slot_index.hpp"
#include "orrery/core/stable_vector.hpp"

namespace orrery::gc {

using NodeIndex = std::uint32_t;
inline constexpr NodeIndex kNoNode = SlotIndex::kNone;
inline constexpr std::uint32_t kPositionMask = (1U << 29) - 1;  ///< dependents of one object: as many as there are slots

/// Coordinates under which an object is known, or claimed to exist by an owner reference.
struct ObjectReference {
  std::string api_version, kind, name;
  Symbol ns = 0;
  Uid uid;
  bool operator==(const ObjectReference&) const = default;
};
/// Kind as the store knows it.
struct KindMapping {
  Kind kind = Kind::other;
  Symbol other_kind = 0;
  bool known = false;  ///< false: no object of this kind has ever been in this cluster
};
KindMapping map_kind(const Interner& names, std::string_view api_version, std::string_view kind);

/// Owners found absent lately: least recently used are forgotten.
class AbsentOwners {
 public:
  static constexpr std::size_t kSizeMax = 500;
  void add(const ObjectReference& r) { (void)known_.get(Lookup{r}); }
  /// Counts as a use.
  bool has(const ObjectReference& r) {
    if (known_.find(Lookup{r}) == nullptr) return false;
    add(r);
    return true;
  }

 private:
  struct Lookup {
    const ObjectReference& reference;
    std::uint64_t hash() const { return UidHash{}(reference.uid) ^ reference.ns; }
  };
  struct Key {
    ObjectReference reference;
    Key& operator=(const Lookup& l) {
      reference = l.reference;
      return *this;
    }
    bool operator==(const Lookup& l) const { return reference == l.reference; }
  };
  struct Known {};
  RecentlyUsed<Key, Known, kSizeMax> known_;
};

/// One object, or one that is only known from an owner reference ("virtual").
struct GraphNode {
  struct Link {
    NodeIndex owner = kNoNode;
    std::uint32_t position : 29 = 0;  ///< of this node in the owner's dependents
    bool blocks : 1 = false;          ///< blockOwnerDeletion
  };
  /// What only few nodes have: owners, virtual nodes, and those with several owners.
  struct Extra {
    std::unique_ptr<ObjectReference> claimed;  ///< of virtual nodes
    std::vector<std::uint32_t> dependents;  ///< nodes, and plain pods (see Graph)
    std::vector<Link> more_links;
    std::uint32_t blocking = 0;         ///< dependents that block the deletion of this node
    std::uint32_t blocking_doomed = 0;  ///< of those: already on their way out
  };
  Ref<const Identity> id;  ///< null while virtual
  Ref<const OwnerList> owners;
  std::unique_ptr<Extra> extra;
  Link link;  ///< the first; nearly always the only one
  std::uint32_t generation = 0;
  std::uint32_t pins : 29 = 0;
  bool in_graph : 1 = false;
  bool being_deleted : 1 = false;
  bool deleting_dependents : 1 = false;  ///< waits for its dependents (foreground deletion)

  bool observed() const { return static_cast<bool>(id); }
  const ObjectReference& claimed() const { return *extra->claimed; }  ///< only of virtual nodes
  Uid uid() const { return id ? id->uid : claimed().uid; }
  Symbol ns() const { return id ? id->ns : claimed().ns; }
  std::string_view name() const { return id ? id->name() : std::string_view(claimed().name); }
  bool has_dependents() const { return extra && !extra->dependents.empty(); }
  /// Its deletion waits for a dependent.
  bool blocked() const { return extra && extra->blocking != 0; }
  /// It waits for such dependents only that are on their way out.
  bool blocked_by_doomed_only() const { return !extra || extra->blocking == extra->blocking_doomed; }
  Extra& make_extra() {
    if (!extra) extra = std::make_unique<Extra>();
    return *extra;
  }
  /// Nothing is left to do but wait for its final deletion.
  bool doomed() const { return being_deleted && !deleting_dependents; }
};


/// What the graph asks for.
class GraphListener {
 public:
  virtual void attempt_to_delete(NodeIndex node) = 0;
  virtual void attempt_to_delete_later(NodeIndex node) = 0;  ///< rate-limited
  virtual void attempt_to_orphan(NodeIndex node) = 0;
  /// The dependent names an owner that lives in another namespace.
  virtual void invalid_namespace(NodeIndex dependent, const OwnerReference& reference) = 0;

 protected:
  ~GraphListener() = default;
};

/// Most objects are pods of which there is nothing to know but their one owner, and most are so from beginning to end. Such a plain
/// pod has no node: its slot in the store stands in the list of its owner, and its place in that list under the slot. It gets a
/// node as soon as somebody wants to look at it.
class Graph {
 public:
  /// `store` is asked for pods by UID, which hardly ever happens: the graph itself finds observed pods by their slot only.
  Graph(const Store& store, GraphListener& listener) : store_(store), names_(store.names()), listener_(listener) {}
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  /// O(1) in the number of objects, but for the deletion of an owner: O(d log d) in its dependents.
  void observe(const Change& change);
  /// The API says that there is no such object.
  void observe_absence(const ObjectReference& reference);

  GraphNode& at(NodeIndex n) { return nodes_[n]; }
  const GraphNode& at(NodeIndex n) const { return nodes_[n]; }
  NodeIndex find(Uid uid);
  /// See Store::fetch_behind.
  void fetch(std::uint32_t slot, unsigned step) const;
  ObjectReference reference_of(NodeIndex n) const;
  KindMapping kind_of(NodeIndex n) const;
  /// In the order of their creation.
  std::vector<NodeIndex> dependents_of(NodeIndex n);
  AbsentOwners& absent_owners() { return absent_; }

  /// A pinned node keeps its place, and what it last knew, after the object has left the graph.
  void pin(NodeIndex n) { ++nodes_[n].pins; }
  void unpin(NodeIndex n);

 private:
  struct Partition {
    std::vector<NodeIndex> matching, mismatching;
  };
  /// What is known of an observed object under its slot in the store.
  struct Place {
    NodeIndex node = kNoNode;         ///< its own; of a plain pod the owner's
    std::uint32_t position : 29 = 0;  ///< of a plain pod in the list of its owner
    bool plain : 1 = false;
    bool blocks : 1 = false;          ///< of a plain pod: blockOwnerDeletion
    bool doomed : 1 = false;          ///< of a plain pod: it is being deleted
  };
  static constexpr std::uint32_t kPlain = 1U << 31;  ///< in a list of dependents: the rest is a slot

  // graph_plain.cpp
  bool is_plain(std::uint32_t slot) const { return by_slot_.at(slot).plain; }
  /// The owner that a new pod is a plain pod of; kNoNode: it needs a node.
  NodeIndex plain_owner(const Object& object);
  void insert_plain(const Object& pod, NodeIndex owner);
  /// False: it is no plain pod any more.
  bool follow_plain(const Object& pod, const Object* before);
  void remove_plain(std::uint32_t slot);
  /// Gives a plain pod its node. `known` is the version that was observed last.
  NodeIndex make_node(const Object& known);

  /// The node of an object that may be observed already, or be known from references.
  NodeIndex find(const Object& object) const;
  NodeIndex observed_in(std::uint32_t slot, Uid uid) const;
  NodeIndex in_index(Uid uid) const;
  /// Takes an entry out of the list of its owner; the last one takes its place.
  void leave(NodeIndex owner, std::uint32_t position);
  void observe_present(const Object& object, const Object* before);
  void become_observed(NodeIndex n, const Object& object);
  void insert(const Object& object, const Object* before);
  /// The node of the owner that `r`, one of the references of `n`, names. A sole one is found by its link.
  NodeIndex owner_of(NodeIndex n, const OwnerReference& r);
  void update_owners(NodeIndex n, const Ref<const OwnerList>& next);
  void transitions(NodeIndex n, const Object& object, const Object* before);
  /// Connects the node with its owners, but for those that are in `known_owners`.
  void add_to_owners(NodeIndex n, const Ref<const OwnerList>& known_owners);
  void remove(NodeIndex n);
  Partition partition(NodeIndex owner, const ObjectReference& identity);
  void replace_claim(NodeIndex n, const std::vector<NodeIndex>& others, const ObjectReference& absent);
  bool coordinates_match(const OwnerReference& r, const GraphNode& node) const;

  NodeIndex allocate();
  void release(NodeIndex n);
  GraphNode::Link* link_between(NodeIndex dependent, NodeIndex owner);
  void connect(NodeIndex dependent, NodeIndex owner, bool blocks);
  void disconnect(NodeIndex dependent, NodeIndex owner);
  void set_blocks(NodeIndex dependent, NodeIndex owner, bool blocks);
  /// Changes what counts for `doomed`.
  void set_fate(NodeIndex n, bool being_deleted, bool deleting_dependents);

  const Store& store_;
  const Interner& names_;
  GraphListener& listener_;
  AbsentOwners absent_;
  StableVector<GraphNode> nodes_;
  std::vector<NodeIndex> free_;
  SlotColumn<Place> by_slot_;  ///< observed objects, by their slot in the store; a node that it finds may be another's
  struct {
    Ref<const OwnerList> owners;
    Symbol ns = 0;
    NodeIndex node = kNoNode;
    std::uint32_t generation = 0;
  } sole_owner_;  ///< of the plain pod that was met last: the next one mostly shares its list
  SlotIndex index_;  ///< all but observed pods, by UID
};

}  // namespace orrery::gc
