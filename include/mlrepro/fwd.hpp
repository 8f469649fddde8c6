// SPDX-License-Identifier: Apache-2.0
// Forward declarations of the public names, and the integer that indexes rows everywhere.
#pragma once
#include <cstdint>

struct ArrowArrayStream;

namespace mlrepro {
using RowIndex = std::int64_t;

class Error;
class CancelHook;
class Value;
class Names;
class ColumnView;
class Dataset;
struct Field;
struct NamedColumn;
struct Roles;
class RandomStream;

class Fingerprint;
class FingerprintState;
class Verdict;

struct EvaluateInput;
struct EvaluateOptions;
struct Estimate;
struct MetricResult;
struct Evaluation;

class BinnedDataset;
class JoinedDataset;
class DecisionTreeProbe;
class PredictionComparison;
class Slices;
class Target;
class Tree;

namespace split {
class Plan;
class HashSplit;
class TimeSplit;
class GroupKFold;
}  // namespace split
}  // namespace mlrepro
