package dev.weir;

import dev.weir.store.Charge;
import dev.weir.store.Overrides;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.Timestamp;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a request wants of one subject.
 *
 * @param known the subject's overrides, as this instance knows them
 * @param claims what is wanted if these are in force
 * @param claimsUnder what is wanted if others are
 * @param timestamp when the caller says that the request is made; null for the store's clock
 * @param strict whether only the store itself may decide, because it may have to be given back
 */
record RequestPart(
        Subject subject,
        Overrides known,
        List<ResolvedCost> claims,
        Function<Overrides, List<ResolvedCost>> claimsUnder,
        @Nullable Timestamp timestamp,
        boolean strict) {

    static RequestPart of(Subject subject, Overrides known, Function<Overrides, List<ResolvedCost>> claimsUnder) {
        return new RequestPart(subject, known, claimsUnder.apply(known), claimsUnder, null, false);
    }

    RequestPart at(@Nullable Timestamp timestamp) {
        return new RequestPart(subject, known, claims, claimsUnder, timestamp, strict);
    }

    RequestPart strictly() {
        return new RequestPart(subject, known, claims, claimsUnder, timestamp, true);
    }

    StoreRequest call(Overrides inForce, List<ResolvedCost> claims) {
        boolean isStrict = strict || timestamp != null;
        List<Charge> charges = new ArrayList<>(claims.size());
        for (ResolvedCost claim : claims) {
            isStrict |= claim.strict();
            charges.addAll(claim.charges());
        }
        return new StoreRequest(subject, inForce.version(), charges, timestamp, isStrict);
    }
}
