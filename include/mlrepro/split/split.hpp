// SPDX-License-Identifier: Apache-2.0
// Everything of the room split.
#pragma once
#include <mlrepro/split/group_kfold.hpp>
#include <mlrepro/split/hash_split.hpp>
#include <mlrepro/split/plan.hpp>
#include <mlrepro/split/splitter.hpp>
#include <mlrepro/split/time_split.hpp>
