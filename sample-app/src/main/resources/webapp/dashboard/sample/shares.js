/**
 * Weighted max-min fairness: everyone gets what it asks for, or its weight's part of what is left by those who ask for
 * less. Takes [{weight, demand}] and gives the shares in the same order.
 */
export function maxMin(capacity, clients) {
  const shares = clients.map(() => 0);
  let left = capacity;
  let open = clients.map((client, i) => ({...client, i})).filter(client => client.demand > 0 && client.weight > 0);
  while (open.length && left > 1e-9) {
    const weights = open.reduce((sum, client) => sum + client.weight, 0);
    const content = open.filter(client => client.demand <= left * client.weight / weights);
    if (content.length === 0) {
      for (const client of open) shares[client.i] = left * client.weight / weights;
      return shares;
    }
    for (const client of content) {
      shares[client.i] = client.demand;
      left -= client.demand;
    }
    open = open.filter(client => !content.includes(client));
  }
  return shares;
}
