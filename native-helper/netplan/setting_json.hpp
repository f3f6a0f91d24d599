#pragma once

#include <nlohmann/json.hpp>

#include "platform/platform.hpp"

namespace culvert::netplan {

/// A setting as the undo journal keeps it. Bytes of files are in hexadecimal, for they need not be UTF-8.
[[nodiscard]] nlohmann::json toJson(const platform::Setting& setting);
/// Throws MalformedMessage.
[[nodiscard]] platform::Setting settingFromJson(const nlohmann::json& json);

}  // namespace culvert::netplan
