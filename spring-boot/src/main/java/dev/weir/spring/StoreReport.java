package dev.weir.spring;

import dev.weir.Weir;
import java.util.LinkedHashMap;
import java.util.Map;

/** How a limiter stands with the store that it shares. */
record StoreReport(Weir weir) {

    /** For JSON. The number of instances is the one by which limits are divided while the store is away. */
    Map<String, Object> fields() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("store", weir.storeUp() ? "up" : "down");
        weir.storeDegraded().ifPresent(why -> fields.put("degraded", why));
        fields.put("instances", weir.instances());
        fields.put("instanceId", weir.instanceId());
        return fields;
    }
}
