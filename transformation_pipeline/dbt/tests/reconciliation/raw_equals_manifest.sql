-- depends_on: {{ ref('stg_orders') }}
{{ config(
    tags=['reconciliation'],
    meta={
        'description':
            'Every window has the rows and the control total that its loader claims. Rows of a ' ~
            'window that has no claim yet are in flight, for as long as a load may reasonably ' ~
            'take.',
        'dagster': {'ref': {'name': 'stg_orders'}},
    }
) }}

with

manifest as (
    select
        source,
        window_start,
        row_count,
        coalesce(control_total, 0) as control_total
    from {{ source('retail_raw', 'raw_load_manifest') }}
),

raw_windows as (
    {{ raw_windows() }}
),

final as (
    select
        coalesce(manifest.source, raw_windows.source) as source,
        coalesce(manifest.window_start, raw_windows.window_start) as window_start,
        manifest.row_count as claimed_rows,
        raw_windows.row_count as raw_rows,
        manifest.control_total as claimed_total,
        raw_windows.control_total as raw_total,
        raw_windows.loaded_at
    from manifest
    full outer join raw_windows
        on
            manifest.source = raw_windows.source
            and manifest.window_start = raw_windows.window_start
)

select * from final
where
    claimed_rows <> coalesce(raw_rows, 0)
    or claimed_total <> coalesce(raw_total, 0)
    or (
        claimed_rows is null
        and loaded_at < date_sub(
            utc_timestamp(), interval {{ var('manifest_grace_minutes') }} minute
        )
    )
