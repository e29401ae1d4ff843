-- A large house in a few statements: what years of use leave, so that reading it can be measured. Read by large.py.
-- large.firms, large.contracts, large.tickets, large.months: how many of each.

-- The id of the record of that number. kind: 1 firm, 2 contract, 3 agreement.
CREATE OR REPLACE FUNCTION pg_temp.ident(number int, kind int) RETURNS uuid IMMUTABLE LANGUAGE sql
    RETURN (lpad(to_hex(number), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(kind), 12, '0'))::uuid;
CREATE OR REPLACE FUNCTION pg_temp.how_many(what text) RETURNS int STABLE LANGUAGE sql
    RETURN current_setting('large.' || what)::int;

INSERT INTO suppliers.supplier (id, number, version, state, legal_name, short_name, credit_code, scope, region,
    contacts, name_key, initials, search_text, grams, name_grams, created_at)
SELECT pg_temp.ident(n, 1), 'GYS-2025-' || lpad(n::text, 6, '0'), 1,
    (ARRAY['approved', 'approved', 'approved', 'candidate', 'suspended'])[1 + n % 5],
    '北京第' || n || '信息技术有限公司', '第' || n || '信息', lpad(n::text, 18, '0'),
    ARRAY[(ARRAY['ITO', 'BPO', 'KPO'])[1 + n % 3]], 'CN-' || 11 + n % 30, '[]',
    'di' || lpad((n * 7919 % 100000)::text, 6, '0'), 'd' || n, '北京第' || n || '信息技术有限公司', ARRAY['北京', '信息', 'n' || n], ARRAY['信息', 'n' || n],
    timestamptz '2025-01-01 00:00Z' + n * interval '7 minutes'
FROM generate_series(0, pg_temp.how_many('firms') - 1) n;

INSERT INTO contracts.supplier_state (supplier_id, number, legal_name, short_name, credit_code, state, version)
SELECT id, number, legal_name, short_name, credit_code, state, version FROM suppliers.supplier;

INSERT INTO contracts.contract (id, number, version, state, title, owner, supplier_id, supplier_name, supplier_key,
    type, value, currency, starts_on, ends_on, title_key, search_text, grams, created_at)
SELECT pg_temp.ident(n, 2), 'HT-2025-' || lpad(n::text, 6, '0'), 1,
    (ARRAY['active', 'active', 'ended', 'draft'])[CASE WHEN n < 100 THEN 1 ELSE 1 + n % 4 END],
    '外包合同 ' || n, 'person.' || n % 37, s.id, s.short_name, s.name_key,
    (ARRAY['ITO', 'BPO', 'KPO'])[1 + n / 7 % 3], 1000 + n, 'CNY', date '2024-01-01' + n % 300,
    date '2026-01-01' + n % 700,
    'wai' || n, '外包合同 ' || n, ARRAY['外包', 'n' || n], timestamptz '2025-01-01 00:00Z' + n * interval '5 minutes'
FROM generate_series(0, pg_temp.how_many('contracts') - 1) n
JOIN suppliers.supplier s ON s.id = pg_temp.ident(CASE WHEN n = 0 THEN 0 WHEN n < 50 THEN 1 ELSE 2 + n % 997 END, 1);

INSERT INTO sla.contract_terms (contract_id, number, title, owner, state, supplier_id, supplier_number,
    supplier_name, supplier_legal_name, starts_on, ends_on, terms, version)
SELECT c.id, c.number, c.title, c.owner, c.state, s.id, s.number, s.short_name, s.legal_name, c.starts_on,
    c.ends_on, '[]', 1
FROM contracts.contract c JOIN suppliers.supplier s ON s.id = c.supplier_id
WHERE c.number < 'HT-2025-000100';

INSERT INTO sla.agreement (id, number, version, state, title, contract_id, contract_number, supplier_id, zone,
    period, in_force_at, title_key, search_text, grams, created_at)
SELECT pg_temp.ident(n, 3), 'SLA-2025-' || lpad(n::text, 6, '0'), 1, 'in_force', '服务级别 ' || n, c.id, c.number,
    c.supplier_id, 'Asia/Shanghai', 'month', now(), 'fu' || n, '服务级别 ' || n, ARRAY['服务', 'n' || n],
    timestamptz '2025-01-01 00:00Z' + n * interval '1 hour'
FROM generate_series(0, 99) n JOIN contracts.contract c ON c.id = pg_temp.ident(n, 2);

INSERT INTO sla.source (code, name, version) SELECT 'desk-' || n, '服务台 ' || n, 1 FROM generate_series(0, 4) n;

INSERT INTO sla.ticket (source, ticket, id, agreement_id, supplier_id, fold, is_open, events, first_at, last_at)
SELECT 'desk-' || n % 5, lpad((n * 7919::bigint % 10000000)::text, 7, '0') || '-' || n, uuidv7(), a.id, a.supplier_id,
    decode(repeat('ab', 300), 'hex'), n % 10 = 3, 5, made.at, made.at + interval '2 days'
FROM generate_series(0, pg_temp.how_many('tickets') - 1) n
JOIN sla.agreement a ON a.id = pg_temp.ident(CASE WHEN n < pg_temp.how_many('tickets') / 100 THEN 0 ELSE 1 + n % 99 END, 3)
CROSS JOIN LATERAL
    (SELECT timestamptz '2025-01-01 00:00Z' + n * (interval '300 days' / pg_temp.how_many('tickets')) AS at) made;

INSERT INTO sla.clock_cycle (id, source, ticket, target, cycle, agreement_id, supplier_id, version, state, is_open,
    started_at, ended_at, goal_seconds, elapsed_seconds, paused_seconds, due_at, breached_at, provisional, warnings,
    agreement_version, calendar, calendar_version, measured_at)
SELECT uuidv7(), t.source, t.ticket, c.target, 1, t.agreement_id, t.supplier_id, 1,
    CASE WHEN t.is_open THEN 'running' WHEN c.rated THEN 'met' ELSE 'not_rated' END,
    t.is_open, t.first_at, CASE WHEN NOT t.is_open THEN t.last_at END, 32400, 20000, 0,
    CASE WHEN c.rated THEN t.first_at + interval '1 day' END,
    CASE WHEN c.late THEN t.first_at + interval '1 day' END, false, '[]', 1, 'cn-office', 1, now()
FROM (SELECT *, row_number() OVER () AS n FROM sla.ticket) t
CROSS JOIN LATERAL (VALUES ('response', true, false), ('resolution', n % 20 <> 7, n % 6 = 1)) c (target, rated, late);

INSERT INTO sla.breach (id, number, version, source, ticket, target, cycle, agreement_id, supplier_id, state,
    excluded, breached_at, period, sent, created_at, updated_at)
SELECT uuidv7(), 'BR-2025-' || lpad((row_number() OVER ())::text, 6, '0'), 1, source, ticket, target, cycle,
    agreement_id, supplier_id,
    CASE WHEN row_number() OVER () % 50 = 0 THEN 'excluded' WHEN row_number() OVER () % 70 = 0 THEN 'withdrawn'
         ELSE 'standing' END,
    false, breached_at, to_char(breached_at, 'YYYY-MM'), true, breached_at, breached_at
FROM sla.clock_cycle WHERE breached_at IS NOT NULL;

INSERT INTO sla.breach_version (breach_id, version, state, breached_at, at)
SELECT id, 1, state, breached_at, breached_at FROM sla.breach;

INSERT INTO sla.exclusion (breach_id, reason, asked_by, asked_by_id, asked_at)
SELECT id, '第三方停机', 'person', id, breached_at FROM sla.breach WHERE number LIKE '%077';

INSERT INTO sla.period (id, agreement_id, supplier_id, period, version, restatable, begins, ends, contract,
    monthly_charge, currency, at_risk_share, credit_total, targets, credits, judged_by, counted, closed_by, closed_at)
SELECT uuidv7(), a.id, a.supplier_id, (2000 + n / 12) || '-' || lpad((1 + n % 12)::text, 2, '0'), 1, n % 90 = 7,
    timestamptz '2000-01-01 00:00Z' + n * interval '1 month', timestamptz '2000-02-01 00:00Z' + n * interval '1 month',
    a.contract_number, 100000, 'CNY', 0.1, 2000, '[]', '[]', '{}', '', 'person',
    timestamptz '2000-02-03 00:00Z' + n * interval '1 month'
FROM sla.agreement a CROSS JOIN generate_series(0, pg_temp.how_many('months') - 1) n;

INSERT INTO sla.period_cycle (id, period_id, target, source, ticket, cycle, outcome, counted, at, fold)
SELECT uuidv7(), p.id, c.target, c.source, c.ticket, c.cycle, 'met', c.target = 'resolution', c.started_at, ''
FROM (SELECT id FROM sla.period ORDER BY period DESC, id LIMIT 1) p, sla.clock_cycle c;

ANALYZE;
