#pragma once

#include "contract/network_plan.hpp"
#include "contract/strict_object.hpp"

/// The parts of broker.sock's JSON that say what the network is to be. Everything throws MalformedMessage.
namespace culvert::contract {

/// The member `plan` of `applyPlan`: `networkPlan` of main/contracts/helper.ts.
[[nodiscard]] NetworkPlan readNetworkPlan(StrictObject object);
/// The members of `setSessionPolicy` beside its kind and id.
[[nodiscard]] SessionPolicy readSessionPolicy(StrictObject& object);
[[nodiscard]] SessionId readSessionId(StrictObject& object);

}  // namespace culvert::contract
