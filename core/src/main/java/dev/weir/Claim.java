package dev.weir;

/** What a request wants of one policy, with the policy as it was when the request came. */
record Claim(Policy policy, long cost) {

    Charge charge() {
        return new Charge(policy.name(), policy.limit(), cost);
    }
}
