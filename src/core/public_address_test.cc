#include "core/public_address.h"

#include <gtest/gtest.h>

namespace penstock {
namespace {

TEST(PublicAddressTest, AddressesOfTheInternetArePublic) {
  for (const char* address : {"1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8",
                              "64:ff9b::808:808", "2002:808:808::1"}) {
    EXPECT_TRUE(is_public_address(address)) << address;
  }
}

TEST(PublicAddressTest, PrivateLocalAndReservedOnesAreNot) {
  for (const char* address : {"127.0.0.1",
                              "10.1.2.3",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.168.1.1",
                              "169.254.169.254",
                              "100.64.0.1",
                              "0.0.0.0",
                              "192.0.2.1",
                              "198.18.0.1",
                              "224.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "fe80::1",
                              "fc00::1",
                              "fd12::1",
                              "ff02::1",
                              "2001:db8::1",
                              "2001::1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.0.0.1",
                              "64:ff9b::a00:1",
                              "2002:a00:1::1",
                              "",
                              "localhost",
                              "127.1",
                              "0x7f.0.0.1",
                              "1.1.1.1 "}) {
    EXPECT_FALSE(is_public_address(address)) << address;
  }
  EXPECT_TRUE(is_ip_address("::1"));
  EXPECT_FALSE(is_ip_address("example.com"));
}

}  // namespace
}  // namespace penstock
