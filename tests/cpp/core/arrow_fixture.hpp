// SPDX-License-Identifier: Apache-2.0
// An Arrow producer for tests: arrays by hand, honest or lying, and a count of what was not
// released.
#pragma once
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include <mlrepro/core/arrow_abi.hpp>

namespace mlrepro_test {

inline int live_structs = 0;  // structs that a consumer owns and has not released

struct Node {  // one array or schema and what it owns
  std::string format, name, metadata;
  std::vector<std::vector<std::uint8_t>> memory;
  std::vector<const void*> buffers;
  std::vector<ArrowSchema*> schema_children;
  std::vector<ArrowArray*> array_children;
};

template <class T>
void release_node(T* node) {
  for (std::int64_t i = 0; i < node->n_children; ++i) {
    if (node->children[i] == nullptr) continue;
    if (node->children[i]->release != nullptr) node->children[i]->release(node->children[i]);
    delete node->children[i];
  }
  if (node->dictionary != nullptr) {
    if (node->dictionary->release != nullptr) node->dictionary->release(node->dictionary);
    delete node->dictionary;
  }
  delete static_cast<Node*>(node->private_data);
  node->release = nullptr;
  --live_structs;
}

inline ArrowSchema* schema(std::string format, std::string name = {},
                           std::vector<ArrowSchema*> children = {},
                           ArrowSchema* dictionary = nullptr,
                           std::int64_t flags = ARROW_FLAG_NULLABLE) {
  auto* node = new Node{.format = std::move(format),
                        .name = std::move(name),
                        .metadata = {},
                        .memory = {},
                        .buffers = {},
                        .schema_children = std::move(children),
                        .array_children = {}};
  ++live_structs;
  return new ArrowSchema{node->format.c_str(),
                         node->name.c_str(),
                         nullptr,
                         flags,
                         static_cast<std::int64_t>(node->schema_children.size()),
                         node->schema_children.data(),
                         dictionary,
                         &release_node<ArrowSchema>,
                         node};
}

template <class T>
std::vector<std::uint8_t> bytes_of(const std::vector<T>& values) {
  std::vector<std::uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}
inline std::vector<std::uint8_t> bytes_of(const std::string& text) {
  return {text.begin(), text.end()};
}

// An empty buffer stands for a null pointer.
inline ArrowArray* array(std::int64_t length, std::vector<std::vector<std::uint8_t>> buffers,
                         std::vector<ArrowArray*> children = {}, ArrowArray* dictionary = nullptr,
                         std::int64_t offset = 0) {
  auto* node = new Node{};
  node->memory = std::move(buffers);
  node->array_children = std::move(children);
  for (const auto& memory : node->memory)
    node->buffers.push_back(memory.empty() ? nullptr : memory.data());
  ++live_structs;
  return new ArrowArray{length,
                        -1,
                        offset,
                        static_cast<std::int64_t>(node->buffers.size()),
                        static_cast<std::int64_t>(node->array_children.size()),
                        node->buffers.data(),
                        node->array_children.data(),
                        dictionary,
                        &release_node<ArrowArray>,
                        node};
}

struct Producer {
  ArrowSchema* schema = nullptr;
  std::vector<ArrowArray*> batches;
  std::size_t next = 0;
  std::size_t fail_at = 1'000'000;  // number of the batch that fails
};

// A stream that gives away the producer's structs.
inline ArrowArrayStream stream_of(ArrowSchema* schema, std::vector<ArrowArray*> batches,
                                  std::size_t fail_at = 1'000'000) {
  ArrowArrayStream stream{};
  stream.private_data = new Producer{schema, std::move(batches), 0, fail_at};
  stream.get_schema = [](ArrowArrayStream* s, ArrowSchema* out) {
    auto* p = static_cast<Producer*>(s->private_data);
    *out = *p->schema;
    p->schema->release = nullptr;
    return 0;
  };
  stream.get_next = [](ArrowArrayStream* s, ArrowArray* out) {
    auto* p = static_cast<Producer*>(s->private_data);
    if (p->next == p->fail_at) return 5;
    *out = ArrowArray{};
    if (p->next < p->batches.size()) {
      ArrowArray* batch = p->batches[p->next++];
      *out = *batch;
      batch->release = nullptr;
    }
    return 0;
  };
  stream.get_last_error = [](ArrowArrayStream*) { return "disk on fire"; };
  stream.release = [](ArrowArrayStream* s) {
    auto* p = static_cast<Producer*>(s->private_data);
    if (p->schema->release != nullptr) p->schema->release(p->schema);
    delete p->schema;
    for (ArrowArray* batch : p->batches) {
      if (batch->release != nullptr) batch->release(batch);
      delete batch;
    }
    delete p;
    s->release = nullptr;
    --live_structs;
  };
  ++live_structs;
  return stream;
}

// A table of one column named x in any number of batches.
inline ArrowArrayStream one_column(ArrowSchema* column, std::vector<ArrowArray*> chunks) {
  std::vector<ArrowArray*> batches;
  for (ArrowArray* chunk : chunks) batches.push_back(array(chunk->length, {{}}, {chunk}));
  return stream_of(schema("+s", "", {column}), std::move(batches));
}

}  // namespace mlrepro_test
