#include "orrery/cluster/frame_pool.hpp"

namespace orrery {

// Not inline: where g++ sees through both of them, it takes a promise's own new and delete for a mismatch.
void* FramePool::from_heap(std::size_t size) { return ::operator new(size); }
void FramePool::to_heap(void* p) { ::operator delete(p); }

FramePool::~FramePool() {
  for (Free* list : free_)
    while (list != nullptr) to_heap(std::exchange(list, list->next));
}

}  // namespace orrery
