// @ts-check
// What phones that are never updated lack, and the scripts use. docs/integrator.md says which browsers are meant.

// Safari before 16, Chrome before 103.
AbortSignal.timeout ??= (ms) => {
  const patience = new AbortController();
  setTimeout(() => patience.abort(), ms);
  return patience.signal;
};
